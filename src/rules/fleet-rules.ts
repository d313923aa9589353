import { configDrift } from './config-drift.ts';
import type { FleetRule } from './fleet-rule.ts';

/** Every rule about the fleet as a whole. */
export const fleetRules: readonly FleetRule[] = [configDrift];
