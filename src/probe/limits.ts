/** What a probe cannot show, told with every result: a probe without failures is no proof that clients have none. */

/** Where attempts were made from. `kernel` is `uname -r` of this machine. */
export type Vantage = { readonly from: 'here'; readonly kernel: string } | { readonly from: 'hosts' };

/** Sentences. kernel-facts A9: which kernels draw a timestamp offset per connection (commit 165573e41f2f, CVE-2026-23247). */
export const limitsOf = (vantage: Vantage): readonly string[] => [
  'Each place is one client with one clock. Many clients behind one NAT address, each with TCP timestamps of its own, are not ' +
    'reproduced: a server with net.ipv4.tcp_tw_recycle=1 can drop their SYNs and answer all of these. `synaudit audit` sees that.',
  'Some kernels draw a timestamp offset per connection: Linux 4.10 and 4.11, and from 6.12.94, 6.18.17, 6.19.7 and 7.0 on those with ' +
    'the fix of CVE-2026-23247, which vendors carry back. From such a kernel such a server drops attempts without any NAT. ' +
    (vantage.from === 'here'
      ? `Whether the one here (${vantage.kernel}) does is not known for sure.`
      : 'The kernels of these hosts were not asked for.'),
  `Paths and firewalls are those of ${vantage.from === 'here' ? 'this machine' : 'these hosts'}, not those of the clients.`,
  'A connect is what the kernels agreed on: whether the application answers was not asked.',
];
