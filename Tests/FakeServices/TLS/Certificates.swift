// Written by make-certificates.sh. The keys are public: nothing may trust them but a test.

/// PEM of a certificate authority, and of server certificates that it has signed.
package enum FakeCertificates {
    /// Signed all of those below.
    package static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBeDCCAR6gAwIBAgICEAAwCgYIKoZIzj0EAwIwIjEgMB4GA1UEAwwXc2Vzc2lv
        bmQgdGVzdCBhdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAw
        MDBaMCIxIDAeBgNVBAMMF3Nlc3Npb25kIHRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAEAZH+qa/7bLV8VXQadMuRS/zrzfnTYtj17csHffp+
        J8SXaZeXATOh41HFhiZKcIxRce7OTsp9YwWSZitp+E4jyaNCMEAwDwYDVR0TAQH/
        BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYwHQYDVR0OBBYEFL+p8OStjjhdO/JOE4qx
        x2mASRH7MAoGCCqGSM49BAMCA0gAMEUCIEVLdA9OAx+DOO4XsrhGO1aWFv/+D38+
        Xy7bHO2WtF3oAiEAvqIX1HllmKnkDMXb9oHRfBjAHi7lM4lrUIsPIqN639o=
        -----END CERTIFICATE-----
        """
    /// An authority that has signed none of them.
    package static let stranger = """
        -----BEGIN CERTIFICATE-----
        MIIBdTCCARygAwIBAgICEAEwCgYIKoZIzj0EAwIwITEfMB0GA1UEAwwWc2Vzc2lv
        bmQgdGVzdCBzdHJhbmdlcjAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAw
        MFowITEfMB0GA1UEAwwWc2Vzc2lvbmQgdGVzdCBzdHJhbmdlcjBZMBMGByqGSM49
        AgEGCCqGSM49AwEHA0IABFeujc3cZQpBduI0gpdh2jD57Thb6/KVfLxgz04RDnGF
        7eMYmB6m2neMPeUm+a+PunKzQ2WfEzmJ2gCU9Ypkcp6jQjBAMA8GA1UdEwEB/wQF
        MAMBAf8wDgYDVR0PAQH/BAQDAgEGMB0GA1UdDgQWBBSlE7NsKNIyDWGkwl8nArhF
        87i+QTAKBggqhkjOPQQDAgNHADBEAiAwHESqFQ1YOCMmJwNAHZqhYn/iVfX751gj
        ErHZVRfDxwIgYVvHpP7lJOCiTYhIrRNE4NGpmVX2xa0RjDs7hIEWag8=
        -----END CERTIFICATE-----
        """
    fileprivate static let localhostCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIByDCCAW6gAwIBAgICEAIwCgYIKoZIzj0EAwIwIjEgMB4GA1UEAwwXc2Vzc2lv
        bmQgdGVzdCBhdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAw
        MDBaMCIxIDAeBgNVBAMMF3Nlc3Npb25kIHRlc3QgbG9jYWxob3N0MFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAEX/fCez599Br8GXAbRSYTXdRV1IvsQKJN9SQor0ax
        sVEyNRQ3wfy8794Zoi8qA17HNhKBGcoJONzYMmiJn2jzzqOBkTCBjjAJBgNVHRME
        AjAAMBMGA1UdJQQMMAoGCCsGAQUFBwMBMCwGA1UdEQQlMCOCCWxvY2FsaG9zdIcE
        fwAAAYcQAAAAAAAAAAAAAAAAAAAAATAdBgNVHQ4EFgQU/0VmS027CYw1shs6a3S3
        2LM+HeAwHwYDVR0jBBgwFoAUv6nw5K2OOF078k4TirHHaYBJEfswCgYIKoZIzj0E
        AwIDSAAwRQIgaezWDqgKjIU2lGSbaNWN7t62tZseD5EUa2LdU0VLBbICIQC8JjEN
        aWtUvGxTI4znh+RmLBEi7cuHTffP5f5SfVMwVg==
        -----END CERTIFICATE-----
        """
    fileprivate static let localhostKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+S5wdi2FnRMV4Xzf
        6C/vWr3dqpAAkm2ZXlTS+HPcvPKhRANCAARf98J7Pn30GvwZcBtFJhNd1FXUi+xA
        ok31JCivRrGxUTI1FDfB/Lzv3hmiLyoDXsc2EoEZygk43NgyaImfaPPO
        -----END PRIVATE KEY-----
        """
    fileprivate static let expiredCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBsTCCAVagAwIBAgICEAMwCgYIKoZIzj0EAwIwIjEgMB4GA1UEAwwXc2Vzc2lv
        bmQgdGVzdCBhdXRob3JpdHkwHhcNMjAwMTAxMDAwMDAwWhcNMjEwMTAxMDAwMDAw
        WjAgMR4wHAYDVQQDDBVzZXNzaW9uZCB0ZXN0IGV4cGlyZWQwWTATBgcqhkjOPQIB
        BggqhkjOPQMBBwNCAASZkEpXSrOtiRgZCC45X51wA61gU+V0cxYNSi/4pwre+sjw
        9/r5JSDRX5+N4v3seoFIE1bKuKOLWQKv3XxguQv9o34wfDAJBgNVHRMEAjAAMBMG
        A1UdJQQMMAoGCCsGAQUFBwMBMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAd
        BgNVHQ4EFgQUBPF80IKpx+5mRS5u3Hy+m26BKRIwHwYDVR0jBBgwFoAUv6nw5K2O
        OF078k4TirHHaYBJEfswCgYIKoZIzj0EAwIDSQAwRgIhAJiCLvA198mWELK37n7A
        5V74PYnbANA/LC5Fw0mmtyA2AiEA+c6CxiCHuWy3MGmBuvHBadYx1xgMPQNLD4Fi
        6ZljglM=
        -----END CERTIFICATE-----
        """
    fileprivate static let expiredKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgyB1YGX1vbuxDfpjc
        XOKjjI4uoLogBtiSd3o8dbv7GIyhRANCAASZkEpXSrOtiRgZCC45X51wA61gU+V0
        cxYNSi/4pwre+sjw9/r5JSDRX5+N4v3seoFIE1bKuKOLWQKv3XxguQv9
        -----END PRIVATE KEY-----
        """
    fileprivate static let elsewhereCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBtDCCAVqgAwIBAgICEAQwCgYIKoZIzj0EAwIwIjEgMB4GA1UEAwwXc2Vzc2lv
        bmQgdGVzdCBhdXRob3JpdHkwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAw
        MDBaMCIxIDAeBgNVBAMMF3Nlc3Npb25kIHRlc3QgZWxzZXdoZXJlMFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAEsCRfrii8P1FNGLgZ16bW0ka2UyY1wsbNQMQRTM09
        J2N32DTJgbRaGDnqSpdBAEa/w1O00TGR4fpRxC5+HIJi5KN+MHwwCQYDVR0TBAIw
        ADATBgNVHSUEDDAKBggrBgEFBQcDATAaBgNVHREEEzARgg9zZXJ2aWNlLmV4YW1w
        bGUwHQYDVR0OBBYEFL5DpX5iX/VZT4gVz+qHnaOcNWK6MB8GA1UdIwQYMBaAFL+p
        8OStjjhdO/JOE4qxx2mASRH7MAoGCCqGSM49BAMCA0gAMEUCIFhLYC7e2rQw3qUC
        gzimSKqvfUMJAdXtLZ/6J+jrTk2iAiEArVeeIRfNX8mPW1+9uB4zJJ599xk4wvQE
        a7oMNGvgeMw=
        -----END CERTIFICATE-----
        """
    fileprivate static let elsewhereKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgF6ki+KgGbdJRxU2V
        Svarig/ydJ71ASOgL7FbFfTv32GhRANCAASwJF+uKLw/UU0YuBnXptbSRrZTJjXC
        xs1AxBFMzT0nY3fYNMmBtFoYOepKl0EARr/DU7TRMZHh+lHELn4cgmLk
        -----END PRIVATE KEY-----
        """
}

extension FakeTLS {
    /// For localhost, 127.0.0.1 and ::1, until 2120.
    package static let localhost = FakeTLS(
        certificate: FakeCertificates.localhostCertificate, key: FakeCertificates.localhostKey)
    /// For localhost, until 2021.
    package static let expired = FakeTLS(
        certificate: FakeCertificates.expiredCertificate, key: FakeCertificates.expiredKey)
    /// For service.example, until 2120.
    package static let elsewhere = FakeTLS(
        certificate: FakeCertificates.elsewhereCertificate, key: FakeCertificates.elsewhereKey)
}
