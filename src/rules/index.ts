import acceptQueueOverflow from './accept-queue-overflow.ts';
import type { Rule } from './define.ts';
import twRecycle from './tw-recycle.ts';
import twRecyclePersisted from './tw-recycle-persisted.ts';

/** Every rule, in the order in which findings of equal severity are shown. */
export const rules: readonly Rule[] = [twRecycle, twRecyclePersisted, acceptQueueOverflow];
