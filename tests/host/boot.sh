#!/usr/bin/env bash
# Boots a real systemd as the first process of namespaces of its own, on a root that is this machine's
# programs and nothing else of it. Its files are in FOLDER/etc, FOLDER/root and so on.
#   boot.sh FOLDER TARGET    needs root; ends when the first process does
set -euo pipefail
folder=$1 target=$2
if [ -z "${BOOT_STAGE:-}" ]; then
    # A control group to divide, so that nothing of this machine's own tree is touched.
    exec env BOOT_STAGE=group unshare --mount --propagation private bash "$0" "$folder" "$target"
fi
if [ "$BOOT_STAGE" = group ]; then
    mkdir -p "$folder/.groups"
    mount -t cgroup2 none "$folder/.groups"
    mkdir "$folder/.groups/argus-boot-$$"
    echo $$ >"$folder/.groups/argus-boot-$$/cgroup.procs"
    exec env BOOT_STAGE=root unshare --pid --fork --kill-child --mount --cgroup --ipc --uts bash "$0" "$folder" "$target"
fi
umount -l "$folder/.groups"
root=$folder/.root
mkdir -p "$root"
mount -t tmpfs -o mode=755 none "$root"
cd "$root"
mkdir -p usr etc run tmp proc sys dev/shm dev/pts var/lib var/log var/tmp root home
mount --bind /usr usr
mount -o remount,ro,bind usr
for name in bin sbin lib lib64; do
    if [ -L "/$name" ]; then ln -s "usr/$name" "$name"; fi
done
cp -a "$folder/etc/." etc
cp -a /etc/passwd /etc/group /etc/nsswitch.conf /etc/ld.so.cache etc
: >etc/machine-id
cp -a "$folder/root/." root
# Programs the installers put below /usr/local, which is read-only here.
mkdir -p usr/local 2>/dev/null || true
mount --bind "$folder/usr/local" usr/local
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,ro,bind proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 none sys/fs/cgroup
mount -t tmpfs -o mode=755 none dev
mkdir dev/shm dev/pts
mount -t devpts -o newinstance,ptmxmode=0666 none dev/pts
ln -s pts/ptmx dev/ptmx
for name in null zero full random urandom tty; do
    touch "dev/$name"
    mount --bind "/dev/$name" "dev/$name"
done
mount -t tmpfs -o mode=755 none run
mount -t tmpfs -o mode=1777 none tmp
export container=other
unset BOOT_STAGE
# Not only a chroot: services get name spaces of their own, which begin at the real root.
mkdir .before
pivot_root . .before
umount -l .before
rmdir .before
# Credentials are mounted by a helper in a name space of its own, and reach the service by propagation.
mount --make-rshared /
exec chroot . /lib/systemd/systemd --system --unit="$target" --log-target=journal --show-status=0
