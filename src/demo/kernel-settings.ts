// Values below /proc/sys/net as kernels start with them, `key value` per line, keys without `net.`.
// Copied from captures; test/fixtures/hosts/SOURCES.md names them. tcp_fastopen_key is a secret and is left out.

/** Same value from 3.10 to 6.1. */
const common = `
ipv4.conf.all.rp_filter 0
ipv4.conf.default.rp_filter 1
ipv4.conf.eth0.rp_filter 1
ipv4.conf.lo.rp_filter 0
ipv4.ip_local_port_range 32768 60999
ipv4.neigh.default.gc_thresh1 128
ipv4.neigh.default.gc_thresh2 512
ipv4.neigh.default.gc_thresh3 1024
ipv4.tcp_abort_on_overflow 0
ipv4.tcp_adv_win_scale 1
ipv4.tcp_app_win 31
ipv4.tcp_congestion_control cubic
ipv4.tcp_dsack 1
ipv4.tcp_ecn 2
ipv4.tcp_fin_timeout 60
ipv4.tcp_frto 2
ipv4.tcp_keepalive_intvl 75
ipv4.tcp_keepalive_probes 9
ipv4.tcp_keepalive_time 7200
ipv4.tcp_low_latency 0
ipv4.tcp_max_orphans 65536
ipv4.tcp_mem 185688 247584 371376
ipv4.tcp_moderate_rcvbuf 1
ipv4.tcp_mtu_probing 0
ipv4.tcp_no_metrics_save 0
ipv4.tcp_orphan_retries 0
ipv4.tcp_reordering 3
ipv4.tcp_retrans_collapse 1
ipv4.tcp_retries1 3
ipv4.tcp_retries2 15
ipv4.tcp_rfc1337 0
ipv4.tcp_sack 1
ipv4.tcp_slow_start_after_idle 1
ipv4.tcp_stdurg 0
ipv4.tcp_syncookies 1
ipv4.tcp_timestamps 1
ipv4.tcp_tso_win_divisor 3
ipv4.tcp_window_scaling 1
ipv4.tcp_wmem 4096 16384 4194304
ipv4.tcp_workaround_signed_windows 0
core.netdev_budget 300
core.netdev_max_backlog 1000`;

/** Up to 4.11, where tcp_tw_recycle still exists. */
const recycling = `
ipv4.tcp_base_mss 512
ipv4.tcp_fack 1
ipv4.tcp_fastopen 0
ipv4.tcp_max_syn_backlog 1024
ipv4.tcp_max_tw_buckets 65536
ipv4.tcp_rmem 4096 87380 6291456
ipv4.tcp_thin_dupack 0
ipv4.tcp_thin_linear_timeouts 0
ipv4.tcp_tw_recycle 0
ipv4.tcp_tw_reuse 0
core.somaxconn 128`;

/** 2.6.32. */
export const settings2632 = `${common}${recycling}
ipv4.tcp_syn_retries 5
ipv4.tcp_synack_retries 5`;

/** 3.10.0-1160.el7. */
export const settings310 = `${common}${recycling}
ipv4.tcp_autocorking 1
ipv4.tcp_challenge_ack_limit 1000
ipv4.tcp_early_retrans 3
ipv4.tcp_invalid_ratelimit 500
ipv4.tcp_limit_output_bytes 262144
ipv4.tcp_min_snd_mss 48
ipv4.tcp_min_tso_segs 2
ipv4.tcp_notsent_lowat -1
ipv4.tcp_syn_retries 6
ipv4.tcp_synack_retries 5`;

/** 4.9. */
export const settings49 = `${settings310}
ipv4.tcp_ecn_fallback 1
ipv4.tcp_fwmark_accept 0
ipv4.tcp_max_reordering 300
ipv4.tcp_min_rtt_wlen 300
ipv4.tcp_pacing_ca_ratio 120
ipv4.tcp_pacing_ss_ratio 200
ipv4.tcp_probe_interval 600
ipv4.tcp_probe_threshold 8
ipv4.tcp_recovery 1`;

/** 5.14 to 6.1: no tcp_tw_recycle. */
export const settings514 = `${common}
ipv4.tcp_autocorking 1
ipv4.tcp_base_mss 1024
ipv4.tcp_challenge_ack_limit 1000
ipv4.tcp_comp_sack_delay_ns 1000000
ipv4.tcp_comp_sack_nr 44
ipv4.tcp_comp_sack_slack_ns 100000
ipv4.tcp_early_demux 1
ipv4.tcp_early_retrans 3
ipv4.tcp_ecn_fallback 1
ipv4.tcp_fack 0
ipv4.tcp_fastopen 1
ipv4.tcp_fastopen_blackhole_timeout_sec 0
ipv4.tcp_fwmark_accept 0
ipv4.tcp_invalid_ratelimit 500
ipv4.tcp_l3mdev_accept 0
ipv4.tcp_limit_output_bytes 1048576
ipv4.tcp_max_reordering 300
ipv4.tcp_max_syn_backlog 1024
ipv4.tcp_max_tw_buckets 65536
ipv4.tcp_migrate_req 0
ipv4.tcp_min_rtt_wlen 300
ipv4.tcp_min_snd_mss 48
ipv4.tcp_min_tso_segs 2
ipv4.tcp_mtu_probe_floor 48
ipv4.tcp_no_ssthresh_metrics_save 1
ipv4.tcp_notsent_lowat 4294967295
ipv4.tcp_pacing_ca_ratio 120
ipv4.tcp_pacing_ss_ratio 200
ipv4.tcp_probe_interval 600
ipv4.tcp_probe_threshold 8
ipv4.tcp_recovery 1
ipv4.tcp_reflect_tos 0
ipv4.tcp_rmem 4096 131072 6291456
ipv4.tcp_syn_retries 6
ipv4.tcp_synack_retries 5
ipv4.tcp_thin_linear_timeouts 0
ipv4.tcp_tw_reuse 2
core.somaxconn 4096`;
