# The few ioctls that no command offers. Perl, as every Debian has it and it starts in 5 ms.
#   limit DEVICE DEV INODE BYTES   bounds the loop device to the first BYTES of its file (0: no bound), if its file is that one; else exits with 3
#   detach DEVICE IMAGE            frees the loop device now, or when nothing is mounted from it, if its file has that name; else does nothing
#   stall FOLDER STALL_MS RUN_MS   freezes and thaws the file system in turns until standard input ends, and leaves it thawed;
#                                  says so when it is frozen for the first time
use strict;
use warnings;
use Errno;

use constant { LOOP_CLR_FD => 0x4C01, LOOP_SET_STATUS64 => 0x4C04, LOOP_GET_STATUS64 => 0x4C05, FIFREEZE => 0xC0045877, FITHAW => 0xC0045878 };

my $command = shift @ARGV;
if ($command eq 'limit') {
    my ($path, $dev, $inode, $bytes) = @ARGV;
    open(my $device, '<', $path) or exit 3;
    my $info = "\0" x 232;    # struct loop_info64 of linux/loop.h; lo_sizelimit is its fifth 64-bit field
    ioctl($device, LOOP_GET_STATUS64, $info) or exit 3;
    my ($its_dev, $its_inode) = unpack('Q2', $info);
    exit 3 if $its_dev != $dev or $its_inode != $inode;
    substr($info, 32, 8) = pack('Q', $bytes);
    ioctl($device, LOOP_SET_STATUS64, $info) or die "LOOP_SET_STATUS64 on $path: $!\n";
} elsif ($command eq 'detach') {
    my ($path, $image) = @ARGV;
    # While it is open nobody else can free it and attach it to another file.
    open(my $device, '<', $path) or exit 0;
    my ($name) = $path =~ m{([^/]+)$};
    open(my $file, '<', "/sys/block/$name/loop/backing_file") or exit 0;
    my $its = <$file> // '';
    $its =~ s/\n$//;
    $its =~ s/ \(deleted\)$//;
    exit 0 if $its ne $image;
    ioctl($device, LOOP_CLR_FD, 0) or $!{ENXIO} or die "LOOP_CLR_FD on $path: $!\n";
} elsif ($command eq 'stall') {
    my ($folder, $stall, $run) = @ARGV;
    open(my $mount, '<', $folder) or die "$folder: $!\n";
    my $argument = pack('L', 0);
    my $told = 0;
    $| = 1;
    $SIG{TERM} = $SIG{INT} = sub { ioctl($mount, FITHAW, $argument); exit 0 };
    for (;;) {
        ioctl($mount, FIFREEZE, $argument) or die "FIFREEZE on $folder: $!\n";
        print "frozen\n" unless $told++;
        my $ended = ended($stall);
        ioctl($mount, FITHAW, $argument);
        exit 0 if $ended or ended($run);
    }
} else {
    die "usage: block-ioctl.pl limit|detach|stall …\n";
}

# Waits that many milliseconds; true when standard input ended meanwhile.
sub ended {
    my ($milliseconds) = @_;
    my $set = '';
    vec($set, fileno(STDIN), 1) = 1;
    return select($set, undef, undef, $milliseconds / 1000) ? 1 : 0;
}
