import { perHour, perSecond } from './thresholds.ts';

/**
 * Thresholds of causes that make a SYN late instead of losing it: a SYN that meets an old connection is answered with an ACK,
 * the client resets that connection and tries again. That takes milliseconds with the Linux clients that repeat such a SYN at
 * once (9603d47bad46), 1 s with all others, and longer only where the client's RST is lost. So few of them are no fault.
 */
export const lateAnswers = {
  perSecond: perSecond(
    1,
    'one late connection a second is one that users notice; below it is the rare port reuse of any busy server',
  ),
  perHour: perHour(
    60,
    'less than one late connection a minute, averaged over the boot, is not what people are looking for',
  ),
} as const;
