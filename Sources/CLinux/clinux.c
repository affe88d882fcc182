#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif
// Linux 6.3: without it a kernel may refuse (vm.memfd_noexec=2), and others warn.
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#endif

static int told(int result, const struct stat *status, cl_file *file) {
    if (result != 0) return -1;
    file->device = status->st_dev;
    file->number = status->st_ino;
    file->size = status->st_size;
    file->mode = status->st_mode & 07777;
    file->owner = status->st_uid;
    file->modified = status->st_mtim.tv_sec * INT64_C(1000000000) + status->st_mtim.tv_nsec;
    file->changed = status->st_ctim.tv_sec * INT64_C(1000000000) + status->st_ctim.tv_nsec;
    file->is_regular = S_ISREG(status->st_mode);
    return 0;
}

int cl_file_of(int fd, cl_file *file) {
    struct stat status;
    return told(fstat(fd, &status), &status, file);
}

int cl_file_at(const char *path, cl_file *file) {
    struct stat status;
    return told(stat(path, &status), &status, file);
}

int cl_link_at(const char *path, cl_file *file) {
    struct stat status;
    return told(lstat(path, &status), &status, file);
}

void cl_kernel(char *release, size_t release_room, char *machine, size_t machine_room) {
    struct utsname names;
    if (uname(&names) != 0) names.release[0] = names.machine[0] = '\0';
    snprintf(release, release_room, "%s", names.release);
    snprintf(machine, machine_room, "%s", names.machine);
}

int cl_peer_credentials(int fd, int32_t *pid, uint32_t *uid, uint32_t *gid) {
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return -1;
    *pid = credentials.pid;
    *uid = credentials.uid;
    *gid = credentials.gid;
    return 0;
}

int cl_peer_groups(int fd, uint32_t *groups, uint32_t *count) {
    socklen_t size = *count * sizeof(gid_t);
    int result = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size);
    *count = size / sizeof(gid_t);
    return result;
}

int cl_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

static int release_code(struct dl_phdr_info *object, size_t size, void *unused) {
    (void)size;
    (void)unused;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        // Written to by nobody, so the file has it all.
        if (part->p_type != PT_LOAD || (part->p_flags & PF_W) || !(part->p_flags & PF_X)) continue;
        uintptr_t start = object->dlpi_addr + part->p_vaddr, end = start + part->p_memsz;
        start &= ~(page - 1);
        madvise((void *)start, end - start, MADV_DONTNEED);
    }
    // The program itself is the first, and the rest are libraries that others share.
    return 1;
}

void cl_release_code(void) { dl_iterate_phdr(release_code, NULL); }

static int64_t milliseconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int64_t cl_boot_milliseconds(void) { return milliseconds(CLOCK_BOOTTIME); }
int64_t cl_wall_milliseconds(void) { return milliseconds(CLOCK_REALTIME); }
int64_t cl_wall_tick_milliseconds(void) { return milliseconds(CLOCK_REALTIME_COARSE); }
int64_t cl_monotonic_milliseconds(void) { return milliseconds(CLOCK_MONOTONIC); }

static int arm(int fd) {
    struct itimerspec far = {.it_value = {.tv_sec = INT32_MAX}};
    return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL);
}

int cl_clock_step_timer(void) {
    int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC);
    if (fd >= 0 && arm(fd) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int cl_clock_step_wait(int fd) {
    uint64_t expirations;
    if (read(fd, &expirations, sizeof expirations) >= 0) return arm(fd) == 0 ? 0 : -1;
    if (errno == EINTR) return 0;
    if (errno != ECANCELED) return -1;
    return arm(fd) == 0 ? 1 : -1;
}

int cl_boot_timer(void) { return timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC); }

int cl_boot_timer_set(int fd, int64_t milliseconds) {
    // Zeros would disarm it: what is due fires in a nanosecond.
    struct itimerspec when = {0};
    if (milliseconds >= 0) {
        when.it_value.tv_sec = milliseconds / 1000;
        when.it_value.tv_nsec = milliseconds % 1000 * 1000000 + (milliseconds == 0);
    }
    return timerfd_settime(fd, 0, &when, NULL);
}

int cl_boot_timer_wait(int fd) {
    uint64_t expirations;
    while (read(fd, &expirations, sizeof expirations) < 0) {
        if (errno != EINTR) return -1;
    }
    return 0;
}

int cl_rename_no_replace(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int cl_open(const char *path, int flags, mode_t mode) { return open(path, flags | O_CLOEXEC | O_NOFOLLOW, mode); }

int cl_openat(int folder, const char *name, int flags, mode_t mode) {
    return openat(folder, name, flags | O_CLOEXEC | O_NOFOLLOW, mode);
}

int cl_random(void *buffer, size_t count) {
    unsigned char *next = buffer;
    while (count > 0) {
        ssize_t got = getrandom(next, count, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        next += got;
        count -= (size_t)got;
    }
    return 0;
}

int cl_unix_stream_socket(void) { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }

int cl_accept(int fd) { return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

_Static_assert(cl_readable == EPOLLIN && cl_writable == EPOLLOUT && cl_failed == EPOLLERR && cl_hung_up == EPOLLHUP,
               "the names for Swift are the kernel's values");

static int control(int epoll, int operation, int fd, uint32_t readiness, uint64_t token) {
    struct epoll_event event = {.events = readiness, .data.u64 = token};
    return epoll_ctl(epoll, operation, fd, &event);
}

int cl_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }
int cl_epoll_add(int epoll, int fd, uint32_t readiness, uint64_t token) {
    return control(epoll, EPOLL_CTL_ADD, fd, readiness, token);
}
int cl_epoll_change(int epoll, int fd, uint32_t readiness, uint64_t token) {
    return control(epoll, EPOLL_CTL_MOD, fd, readiness, token);
}
int cl_epoll_remove(int epoll, int fd) { return control(epoll, EPOLL_CTL_DEL, fd, 0, 0); }

int cl_epoll_wait(int epoll, cl_readiness *ready, int room, int milliseconds) {
    // The kernel's structure is packed on some machines.
    struct epoll_event events[64];
    if (room > 64) room = 64;
    int count = epoll_wait(epoll, events, room, milliseconds);
    if (count < 0) return errno == EINTR ? 0 : -1;
    for (int i = 0; i < count; i++) {
        ready[i].token = events[i].data.u64;
        ready[i].readiness = events[i].events;
    }
    return count;
}

int cl_wakeup_create(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

// Neither fails in a way that matters: a counter that is full, or empty already, says what it should.
void cl_wakeup_ring(int fd) {
    uint64_t one = 1;
    (void)!write(fd, &one, sizeof one);
}
void cl_wakeup_clear(int fd) {
    uint64_t count;
    (void)!read(fd, &count, sizeof count);
}

int cl_terminal_columns(int fd) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0) return -1;
    return size.ws_col;
}

#define CONTENT_SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK)

int cl_sealed_memory(const char *name, const void *bytes, size_t count) {
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    if (fd < 0 && errno == EINVAL) fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return -1;
    const char *rest = bytes;
    while (count > 0) {
        ssize_t written = write(fd, rest, count);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) goto failed;
        rest += written;
        count -= (size_t)written;
    }
    if (fcntl(fd, F_ADD_SEALS, CONTENT_SEALS | F_SEAL_SEAL) == 0) return fd;
failed:;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int64_t cl_sealed_size(int fd) {
    // EINVAL for whatever knows no seals.
    int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0) return -1;
    if ((seals & CONTENT_SEALS) != CONTENT_SEALS) {
        errno = EPERM;
        return -1;
    }
    struct stat status;
    return fstat(fd, &status) == 0 ? status.st_size : -1;
}

int cl_send_with_descriptor(int fd, const void *address, uint32_t address_size, const void *bytes, size_t count,
                            int descriptor) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    memset(&control, 0, sizeof control);
    struct iovec part = {(void *)bytes, count};
    struct msghdr message = {.msg_name = (void *)address, .msg_namelen = address_size, .msg_iov = &part,
                             .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
    ssize_t sent;
    do {
        sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -1 : 0;
}
