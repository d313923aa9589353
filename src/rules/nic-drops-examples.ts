import type { Example, ExampleHost } from './example.ts';

type Counters = NonNullable<ExampleHost['counters']>;

/** A card that received and sent a lot between the samples and lost nothing but what is given. */
const eth0 = (losses: Counters): Counters => ({
  'eth0.rx_packets': [9_000_000, 9_020_000],
  'eth0.tx_packets': [8_000_000, 8_010_000],
  'eth0.rx_errs': [0, 0],
  'eth0.rx_fifo': [0, 0],
  'eth0.rx_drop': [0, 0],
  'eth0.tx_drop': [0, 0],
  ...losses,
});

const lo: Counters = { 'lo.rx_packets': [50, 60], 'lo.rx_drop': [0, 0] };

/** One for every verdict and state. */
export const nicDropsExamples: readonly Example[] = [
  {
    name: 'the ring is full',
    host: { counters: { ...lo, ...eth0({ 'eth0.rx_fifo': [4_000, 4_400], 'eth0.rx_errs': [4_000, 4_400] }) } },
    verdict: 'fail',
    state: 'active',
    severity: 'high',
  },
  {
    name: 'two in a thousand are damaged',
    host: { counters: eth0({ 'eth0.rx_errs': [900, 940] }) },
    verdict: 'fail',
    state: 'active',
    severity: 'medium',
  },
  {
    name: 'a part of what comes in is dropped, for whatever reason',
    host: { counters: eth0({ 'eth0.rx_drop': [90_000, 90_500] }) },
    verdict: 'fail',
    state: 'active',
    severity: 'medium',
  },
  {
    name: 'what could not be sent since boot',
    host: { counters: eth0({ 'eth0.tx_drop': [90_000, 90_000] }) },
    verdict: 'fail',
    state: 'past',
    severity: 'medium',
  },
  {
    name: 'a quiet link: STP every two seconds, and nobody wants it',
    host: {
      counters: {
        'eth0.rx_packets': [90_000, 90_010],
        'eth0.tx_packets': [8_000, 8_004],
        'eth0.rx_errs': [0, 0],
        'eth0.rx_fifo': [0, 0],
        'eth0.rx_drop': [43_000, 43_001],
        'eth0.tx_drop': [0, 0],
      },
    },
    verdict: 'pass',
  },
  {
    name: 'only lo and containers',
    host: { counters: { ...lo, 'veth1a2b.rx_packets': [5, 9] } },
    verdict: 'notapplicable',
  },
  { name: 'some columns are missing', host: { counters: { 'eth0.rx_packets': [5, 9] } }, verdict: 'notchecked' },
  { name: 'no counters', host: {}, verdict: 'notchecked' },
];
