#define _GNU_SOURCE
#include "CTestProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

// Takes the descriptors that a service manager hands sockets in by, before anybody else in a process of the tests can:
// a test that puts sockets there would otherwise take them from libdispatch or from the harness, whoever was first.
__attribute__((constructor)) static void reserve_descriptors(void) {
    for (int number = 3; number < 8; number++) {
        if (fcntl(number, F_GETFD) != -1) continue;
        int made = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (made >= 0 && made != number) {
            dup3(made, number, O_CLOEXEC);
            close(made);
        }
    }
}

int ctp_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int ctp_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int ctp_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int ctp_open_terminal(int *program) {
    char name[64];
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0) return -1;
    if (grantpt(terminal) == 0 && unlockpt(terminal) == 0 && ptsname_r(terminal, name, sizeof name) == 0) {
        *program = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (*program >= 0) return terminal;
    }
    close(terminal);
    return -1;
}

union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

// Raw system calls: the child of a process with threads may not take the C library's locks.
static void connect_and_hand_over(const struct sockaddr_un *address, uint32_t uid, uint32_t gid,
                                  const uint32_t *groups, size_t count, int channel) {
    int error = 0;
    int made = -1;
    if (syscall(SYS_setgroups, count, groups) != 0 || syscall(SYS_setresgid, gid, gid, gid) != 0 ||
        syscall(SYS_setresuid, uid, uid, uid) != 0) {
        error = errno;
    } else {
        made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (made < 0 || connect(made, (const struct sockaddr *)address, sizeof *address) != 0) error = errno;
    }
    union control control;
    memset(&control, 0, sizeof control);
    struct iovec part = {&error, sizeof error};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (error == 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(&control.header), &made, sizeof made);
    }
    sendmsg(channel, &message, MSG_NOSIGNAL);
    _exit(0);
}

int ctp_connect_as(const char *path, uint32_t uid, uint32_t gid, const uint32_t *groups, size_t count) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    int channel[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) != 0) return -1;
    pid_t child = fork();
    if (child == 0) connect_and_hand_over(&address, uid, gid, groups, count, channel[1]);
    close(channel[1]);
    int error = child < 0 ? errno : EIO;
    int made = -1;
    if (child > 0) {
        union control control;
        struct iovec part = {&error, sizeof error};
        struct msghdr message = {
            .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
        if (recvmsg(channel[0], &message, MSG_CMSG_CLOEXEC) == (ssize_t)sizeof error && error == 0) {
            struct cmsghdr *header = CMSG_FIRSTHDR(&message);
            if (header != NULL && header->cmsg_type == SCM_RIGHTS) memcpy(&made, CMSG_DATA(header), sizeof made);
        }
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    close(channel[0]);
    if (made < 0) errno = error;
    return made;
}

ssize_t ctp_receive(int socket, void *buffer, size_t size, int *descriptor) {
    union control control;
    struct iovec part = {buffer, size};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    *descriptor = -1;
    if (count < 0) return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
        memcpy(descriptor, CMSG_DATA(header), sizeof *descriptor);
    return count;
}

int ctp_memory(const void *bytes, size_t count, int seals) {
    int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return -1;
    if (write(fd, bytes, count) == (ssize_t)count && fcntl(fd, F_ADD_SEALS, seals) == 0) return fd;
    close(fd);
    return -1;
}

int ctp_seals(int fd) { return fcntl(fd, F_GET_SEALS); }
