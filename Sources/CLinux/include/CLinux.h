// Fixed-arity wrappers for what Swift's Glibc module hides: macros, GNU extensions and variadic calls.
#ifndef SESSIOND_CLINUX_H
#define SESSIOND_CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// SO_PEERCRED: who was at the other end of the socket when it connected. 0, or -1 with errno.
int cl_peer_credentials(int fd, int32_t *pid, uint32_t *uid, uint32_t *gid);

// SO_PEERGROUPS (59, Linux 4.13): the peer's supplementary groups at the time it connected.
// *count is the room on entry and the number on return. 0, or -1 with errno (ERANGE: *count tells the room needed).
int cl_peer_groups(int fd, uint32_t *groups, uint32_t *count);

// prctl(PR_SET_DUMPABLE, 0): no core dumps, no ptrace by the same user. 0, or -1 with errno.
int cl_forbid_dumps(void);

// Takes the program's own code out of resident memory (madvise(2), MADV_DONTNEED). They are pages of its file, which come
// back from the page cache as they are run: what starting alone has needed stays out.
void cl_release_code(void);

// CLOCK_BOOTTIME and CLOCK_REALTIME in milliseconds.
int64_t cl_boot_milliseconds(void);
int64_t cl_wall_milliseconds(void);
// The wall clock as of the kernel's last tick: some milliseconds behind, at a fifth of the price (CLOCK_REALTIME_COARSE).
int64_t cl_wall_tick_milliseconds(void);

// A timerfd on CLOCK_REALTIME far in the future that becomes readable with ECANCELED when the wall clock is set or the
// machine resumes (TFD_TIMER_CANCEL_ON_SET). A descriptor, or -1 with errno.
int cl_clock_step_timer(void);
// Blocks until the clock steps and re-arms. 1 on a step, 0 on anything else, -1 with errno.
int cl_clock_step_wait(int fd);

// A timerfd on CLOCK_BOOTTIME, which counts the time that the machine sleeps. A descriptor, or -1 with errno.
int cl_boot_timer(void);
// Has the timer fire in `milliseconds`, once, or not at all where that is negative. Any thread may call it, while another
// waits too. 0, or -1 with errno.
int cl_boot_timer_set(int fd, int64_t milliseconds);
// Blocks until the timer fires. 0 when it has, -1 with errno.
int cl_boot_timer_wait(int fd);

// renameat2(RENAME_NOREPLACE): moves a file aside without overwriting another. 0, or -1 with errno.
int cl_rename_no_replace(const char *from, const char *to);

// open(2) with flags that the module hides: O_CLOEXEC | O_NOFOLLOW | flags. A descriptor, or -1 with errno.
int cl_open(const char *path, int flags, mode_t mode);
int cl_openat(int folder, const char *name, int flags, mode_t mode);

// What stat(2) says of a file. A type of our own: which Swift module the system's `struct stat` belongs to, and with it
// whether its members can be seen, depends on what else a target imports.
typedef struct {
    uint64_t device;
    uint64_t number;
    int64_t size;
    uint32_t mode;
    uint32_t owner;
    // Nanoseconds since 1970.
    int64_t modified;
    int64_t changed;
    int is_regular;
} cl_file;
// Of an open file, of a path, and of a path whose last part may be a symbolic link. 0, or -1 with errno.
int cl_file_of(int fd, cl_file *file);
int cl_file_at(const char *path, cl_file *file);
int cl_link_at(const char *path, cl_file *file);

// The kernel's release and the machine's kind, as uname(2) has them, cut to the room given.
void cl_kernel(char *release, size_t release_room, char *machine, size_t machine_room);

// getrandom(2), all of it. 0, or -1 with errno.
int cl_random(void *buffer, size_t count);

// socket(2) for a Unix stream, close-on-exec. A descriptor, or -1 with errno.
int cl_unix_stream_socket(void);

// accept4(2), close-on-exec and non-blocking. A descriptor, or -1 with errno.
int cl_accept(int fd);

// epoll(7), level-triggered. What a descriptor is ready for, and the number under which it was added.
typedef struct {
    uint64_t token;
    uint32_t readiness;
} cl_readiness;
enum {
    cl_readable = 0x001,
    cl_writable = 0x004,
    // Reported whether or not they were asked for.
    cl_failed = 0x008,
    cl_hung_up = 0x010,
};
// Close-on-exec. A descriptor, or -1 with errno.
int cl_epoll_create(void);
// 0, or -1 with errno.
int cl_epoll_add(int epoll, int fd, uint32_t readiness, uint64_t token);
int cl_epoll_change(int epoll, int fd, uint32_t readiness, uint64_t token);
int cl_epoll_remove(int epoll, int fd);
// Waits for at most that long, or for ever where it is negative. How many there are, none after a signal; -1 with errno.
int cl_epoll_wait(int epoll, cl_readiness *ready, int room, int milliseconds);

// eventfd(2), close-on-exec and non-blocking: wakes who waits for it to be readable. A descriptor, or -1 with errno.
int cl_wakeup_create(void);
void cl_wakeup_ring(int fd);
void cl_wakeup_clear(int fd);

// CLOCK_MONOTONIC in milliseconds; it stands still while the machine sleeps.
int64_t cl_monotonic_milliseconds(void);

// A file that lives in memory alone, close-on-exec, that holds the bytes and can be neither written nor resized any more
// (memfd_create(2), F_ADD_SEALS). A descriptor, or -1 with errno.
int cl_sealed_memory(const char *name, const void *bytes, size_t count);

// The size of such a file: -1 with errno for any other (EINVAL), or one that could still be changed (EPERM).
int64_t cl_sealed_size(int fd);

// sendmsg(2) of a datagram with one descriptor (SCM_RIGHTS). 0, or -1 with errno.
int cl_send_with_descriptor(int fd, const void *address, uint32_t address_size, const void *bytes, size_t count,
                            int descriptor);

// TIOCGWINSZ: the terminal's columns, or -1 where fd is no terminal.
int cl_terminal_columns(int fd);

#endif
