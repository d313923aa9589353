import type { State } from './state.ts';

/** Whether hosts are still being visited. */
export const isRunning = ({ data }: Pick<State, 'data'>): boolean => data.run !== null && data.finishedAt === null;
