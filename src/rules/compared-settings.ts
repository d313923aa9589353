/**
 * Settings in which hosts of one kind should be equal: those that decide whether a SYN is answered, late or lost. Not among
 * them are the ones that the kernel scales with the memory of the machine (tcp_mem, tcp_max_orphans, nf_conntrack_max …).
 */
export const comparedSettings: readonly string[] = [
  'net.ipv4.tcp_tw_recycle',
  'net.ipv4.tcp_timestamps',
  'net.ipv4.tcp_tw_reuse',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_abort_on_overflow',
  'net.ipv4.tcp_rfc1337',
  'net.ipv4.tcp_synack_retries',
  'net.ipv4.tcp_syn_retries',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_window_scaling',
  'net.ipv4.tcp_sack',
  'net.ipv4.tcp_ecn',
  'net.ipv4.tcp_fastopen',
  'net.ipv4.tcp_mtu_probing',
  'net.ipv4.tcp_invalid_ratelimit',
  'net.ipv4.ip_local_port_range',
  'net.core.somaxconn',
  'net.core.netdev_max_backlog',
  'net.ipv4.conf.all.rp_filter',
  'net.ipv4.conf.default.rp_filter',
  'net.netfilter.nf_conntrack_tcp_be_liberal',
  'net.netfilter.nf_conntrack_tcp_timeout_established',
];
