# A listening socket with exactly this backlog (which Node cannot have below 1). `perl listen.pl ADDRESS PORT BACKLOG MODE`
# MODE never: connections are not accepted. MODE close: each is accepted and closed at once, so the server closes first.
use strict;
use warnings;
use Socket;

my ($address, $port, $backlog, $mode) = @ARGV;
socket(my $listener, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
setsockopt($listener, SOL_SOCKET, SO_REUSEADDR, 1) or die "setsockopt: $!";
bind($listener, pack_sockaddr_in($port, inet_aton($address))) or die "bind: $!";
listen($listener, $backlog) or die "listen: $!";
$| = 1;
print "ready\n";
alarm 60;
sleep while $mode eq 'never';
while (accept(my $connection, $listener)) { close $connection }
