/// Two RSA keys made for these tests alone: nothing else is signed with them.
enum StytchKeyMaterial {
    static let pems = [
        """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDD+O0AQ7rNC2UE
        qjnWPPpvZ0bR//JPrIiZlSA16jAO/CYevs5a8clOOmfPEkFKHD6KaVxcn+IXiO8C
        jwbInIGD6toF5XSSZxZINqUl1bT39bq48LyTopHbjfR4BtdsU9CHKzEN/ZbLvFRE
        AW0YCXPMLnHM/eNYazW0ezXapnuhOBtCoCz1mu7Dk+NmM9ukUy/BtSyspF8JnWSB
        q7mRc5Bdxm1LUN++7OJxDd7qKAA4j7qfTAQ5v1iU1wICe8Khx+jnWQ/QxFsj+Lzh
        NJ4emIT6hrJDNSPhc84dB+9pLZq8ZfS2baHM7mRtWr50hauWbJv8Yu2zLn3pCPfc
        qh+lwQmLAgMBAAECggEABg3EAHyXIitmcPjzNW+HyvY1RVpzOUvaomftaUz1NBlM
        8ikxxbRvZAfA2jA1rRznP65WiJP1z4VO4NTbQEo5ZAJWvtTiP32Ivi1V96+82eYQ
        4RKquKLOf6pIcYbAk9uY9vv6FXUOefe04K7smE/+cEHFCTCUm9AgBhXCSaFX81hy
        /KGukujkRthNsOINYIHzFA97PcIukjmsPm7tiftvNSEWhZWNSEZQ+3kReE7ZQp8M
        xVxjKnWoLPhnil8wCvSZLxhy3eXcWWHTDZQUrRT4MgIN/4LpNX6NOdBVa/wpebcZ
        f4cHH6C+HQ5yQU2rfPdAeDQGH64U6m7nfbL0owKjYQKBgQDvbHg501KxQkeG29Pm
        Pjv2umGDl2k/81bpDPTvpl8zhCXQdi3EnrnWEqaM15Lryc2JI6OQVQbGfPMua86k
        8tRXtMM2AocUdmXpLCW6fX2lnC8pm2LxnSI1EPNemNWWV70xHj64s6edYlnh+5Os
        io4NF3nRbkIrMtljcrGqUvc66wKBgQDRilPNYG/sGpwlw3/7JQ26Yv8G0OTXFb0Y
        37upHZmeN5s4J+PViVS3Cn86IDLhyvcgbGaRgJgecBRRsEDyrAZ0Nz9MxNpsZJbh
        sT9qBrCeYCTTgZTGy6bMRt9c/es2Cm1OGv5VkvBxtseKHwxTDk4Ia1QsTX7uTsWP
        Z/Q+MfCD4QKBgFpKUrCj9Bxq/WRrRGcg8yYhtaKVmBiI4S60Ny6lVGOuI0CRQMNU
        hIqpr+uPZJXNHdjo+sb0ecCi4GaSO3TTKqcEwVV98IkT+WzMvFGu/5JT6ylKsy6g
        7oSKpuz2wB2Zavy6BjdLcRuWOoVRhahc/CMNxl/nr8Zwv7CUUVIFRb0PAoGBAK8b
        CMMVNxK4fgq04EuRAHLk7bfVc5cmTHrv5RQDb2+finAYLbYx6IB6Hi4F4F9+TJxk
        2iX3r6eoA+LsBqqFBXOzA4v06Y8xVEFQ7Ox+oLQJJl016Y1jfIUzKM++RgRIHGXr
        +uSqQZLVqtSK87Kovp8cih/ntw4Q99nKhno/I34hAoGAHdA6/G2FQwfIwhlv3SVN
        axjS7sVK1N4Nu1VQa1vz/58bMLcE7POI3cTPukxPGxtiKYPHzR6fIjf4PT2tqMQn
        0y2zXldkLMz+BhCpAkt0ogJdtcaDkphFMC6HihpTbR2/3Gl3pgj2v5hefLvZnGjX
        Bfn+872uggwyfXwo9ixeo7Y=
        -----END PRIVATE KEY-----
        """,
        """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDLy4TNQU/wVhyN
        jhpLKFlGLYAVKIiUGyZhFXvvudY1rxItCSS8H+SZ3QsJJjsZh+tk+jMzAptygWWu
        cFleQfwH7f11u2Lk2/6L/W4/onOsmiP7nQIUnN1Sn8TZ4iJGHQ3/WmZjp0MyZ2IS
        ZwiV0Lsbvdg7D15eqINxrjUZpGw3KiT04wGHhlQfiOiz2TFCmg7hOM5o3GqOp6CA
        lG4PAukmd29i0STJvP+MsLdU7O9nzEvs10ADIRvTEhGPqe3mSbA7mbDQ3CGdUEuY
        GCZZXVIRvAMx1DUwg6ww4rQCAPsyVQQpk//99gahqX1Kh+NroDdluzxQ/xpFnC72
        a5S0jAoRAgMBAAECggEAD0WG7rb/pZ/c/7o/xqo1TGtm9HmciIAOAiBGcLpb7sXE
        hoBE/YhPTLy80bieHPrrknN8XYzLDMuHt4jJmE+4sk3CMgMdiqRgthQC9xJLpEog
        Zapy8uFRZYUS+Y02/8riwblVaw99mzFA7xDuWq8GV8fEGc2RnGV42iPm7Jm+wUBi
        jPz6rJ1PU4OBLABL4d4d3oQwiIwSFgSGEuaucSRKUqvYzJwfbQu0r+Zjpy7ySiUL
        LnbYjyiNVt+oTpVboUaRZp+qPsUA0UOAA/8ch8X0SqfGrk/NAxRtHvW1tiz+ZhYH
        LrcuHv17EPjS3lNC4HyHhttaK2RpXekhjYjj5RCOxQKBgQDwCVGuCFx1lRwDK9B2
        CpQuS3lzdsq020ynpakKku4DqinvG7n6LWCJe1l6IG9o9GjmFwlGpoZANdMOTn1a
        npsVwD1g0ivQ7IawPUMWNNl42nhEhTzvIT2S91cM1uhsPOvk6V5HcydEbXFajoZ3
        moHbaAIEP5opzdDJgUcxKIfIHQKBgQDZWS4095c8HRAmD1lHJ2T+CvTQMEXhxy8Y
        AURuAHjaDetY9XWXtmVlxKhyIcIupHUHtfZWJcZIu6HK6hrRvRIFqqzpeAXoU73e
        OajsUe1YhqekRqYas1jEVDIRc9rA74G4gArLS3JCutoGPT5KZRg5nFArMV/TeQ8H
        VWrKP4bvhQKBgHGLZvjU+a+hRiv12NlNrcSsbRoCUmb06bDP+0OGN1LCdq2lxvah
        6m1+TNgpaaoTG1/j+75Q3WaYT2sQE9n+9st2MVKQeKuOhzPs9sQVYd36MjPvduCD
        L9ZKbAIl0rIIq2mQPsm7nhKPVrSIgPEoxE6eR33s/CbUNfRr09pcGsa9AoGBAJEf
        kdG+C9YQlcrD7tmqvS0/RY2I3fBOHezKU9WbLRZzutQQOS9Ok0+rSsnCLrUUDCxU
        3CFTYZ0I45PoUnX+53yvJHtTL6ab26f5GgiI/5BfgKoYniov3DJjAXdTwxmWEiiO
        Hib1vlo+BvupguELtWwqKgFdG13JdDZyWzalykQ9AoGAAtpMm7V9CO/UTgFAY5Zl
        x1twOKYpye4ck0GdFofxmr6BCq5p8vNsdZAJNup7P6cfdJoLErAvq22oikmD/IdE
        yN2/+vOaedZdwgmXRdevvYXXEMIt+RVF+1EVb3JuHYw5Kbw21n298qClltmlilI0
        yrbtIumAAkH2Hs448G++MKM=
        -----END PRIVATE KEY-----
        """,
    ]
}
