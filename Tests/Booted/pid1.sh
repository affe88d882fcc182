#!/usr/bin/env bash
# pid1.sh FOLDER ROOT LAYER NAME=SOURCE... : becomes PID 1 of a system over an overlay that is thrown away.
#
# Runs in mount, pid, cgroup, uts, ipc and network namespaces of its own (harness/machine.py makes them). ROOT is the root
# file system that it starts from, LAYER a folder whose files go over it, or nothing; all writes go to a tmpfs. Each
# SOURCE is seen inside, read-only, as /run/booted/NAME.
set -euo pipefail
folder=$1 lower=$2 layer=$3
shift 3

mount -t tmpfs -o mode=0755,size=2g booted "$folder/overlay"
mkdir "$folder"/overlay/{written,work,root}
root=$folder/overlay/root
# Copied, as overlayfs refuses a layer that lies within another.
[ -z "$layer" ] || cp -a "$layer/." "$folder/overlay/written"
mount -t overlay -o "lowerdir=$lower,upperdir=$folder/overlay/written,workdir=$folder/overlay/work" booted "$root"
if [ ! -x "$root/lib/systemd/systemd" ]; then
    echo "there is no /lib/systemd/systemd on the root file system (is /usr a mount of its own?)" >&2
    exit 1
fi

mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t sysfs -o nosuid,nodev,noexec,ro sysfs "$root/sys"
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=0755,nosuid,strictatime tmpfs "$root/dev"
nodes=(null zero full random urandom tty)
[ ! -c /dev/tpmrm0 ] || nodes+=(tpmrm0)
for node in "${nodes[@]}"; do
    touch "$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
done
ln -s /proc/self/fd "$root/dev/fd"
ln -s pts/ptmx "$root/dev/ptmx"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=0755,nosuid,nodev tmpfs "$root/run"
# The machine's /tmp may be large, and systemd empties it while booting.
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/tmp"
mkdir "$root/run/booted"
for share in "notify=$folder/notify" "$@"; do
    name=${share%%=*} source=${share#*=}
    if [ -d "$source" ]; then mkdir "$root/run/booted/$name"; else touch "$root/run/booted/$name"; fi
    mount -o bind,ro "$source" "$root/run/booted/$name"
done

# What the machine's administrator has enabled is none of ours, and neither are terminals, devices and timers.
rm -rf "$root"/etc/systemd/{system,user} "$root/etc/sessiond"
mkdir -p "$root"/etc/systemd/{system,user}
: > "$root/etc/fstab"
tr -d - < /proc/sys/kernel/random/uuid > "$root/etc/machine-id"
for unit in \
    systemd-{resolved,timesyncd,networkd,udevd,udev-trigger,logind,journal-flush,update-utmp,update-utmp-runlevel}.service \
    systemd-{remount-fs,modules-load,sysctl,random-seed,pstore,firstboot,hwdb-update,machine-id-commit}.service \
    systemd-{tpm2-setup,tpm2-setup-early,networkd-wait-online}.service ldconfig.service console-getty.service \
    {apt-daily,apt-daily-upgrade,dpkg-db-backup,e2scrub_all,fstrim,man-db,logrotate,systemd-tmpfiles-clean}.timer \
    dev-hugepages.mount dev-mqueue.mount tmp.mount sys-kernel-{debug,tracing,config}.mount \
    sys-fs-fuse-connections.mount proc-sys-fs-binfmt_misc.automount getty.target \
    systemd-udevd-{control,kernel}.socket systemd-initctl.socket
do
    ln -s /dev/null "$root/etc/systemd/system/$unit"
done

hostname booted
cd "$root"
mkdir -p .old
mount --make-rprivate /
pivot_root . .old
umount -l /.old
rmdir /.old
# Without it what systemd mounts for a service, such as its credentials, does not arrive there.
mount --make-rshared /
# systemd says READY=1 to this socket when it has booted, as container managers expect.
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 container=booted \
    NOTIFY_SOCKET=/run/booted/notify /lib/systemd/systemd --system --unit=multi-user.target \
    --log-target=journal --show-status=no
