// What tests of real processes need from Linux and Swift's Glibc module hides.
#ifndef SESSIOND_CTESTPROCESS_H
#define SESSIOND_CTESTPROCESS_H

#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// pidfd_open(2): readable once the process has ended. A descriptor, or -1 with errno.
int ctp_pidfd_open(pid_t pid);

// A pipe whose ends are close-on-exec. 0, or -1 with errno.
int ctp_pipe(int ends[2]);

// Connects to a Unix stream socket as another user, in a child process that ends at once: the kernel remembers who
// connected. Needs root. A descriptor, or -1 with errno.
int ctp_connect_as(const char *path, uint32_t uid, uint32_t gid, const uint32_t *groups, size_t count);

// A new terminal: *program is the end for a program, the result the end that a person would sit at. Both are
// close-on-exec. -1 with errno.
int ctp_open_terminal(int *program);

// The child is to have no descriptor from this one on. 0, or an error number.
int ctp_close_from(posix_spawn_file_actions_t *actions, int first);

// Takes a datagram that has come, and the descriptor that came with it: close-on-exec, -1 where there was none. The
// number of bytes, or -1 with errno, EAGAIN where none has come.
ssize_t ctp_receive(int socket, void *buffer, size_t size, int *descriptor);

// A file in memory that holds the bytes, with these seals (fcntl(2), F_ADD_SEALS). A descriptor, or -1 with errno.
int ctp_memory(const void *bytes, size_t count, int seals);
// The seals, or -1 with errno.
int ctp_seals(int fd);
// F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW and F_SEAL_WRITE, in that order from the lowest bit.
static const int ctp_all_seals = 15;

#endif
