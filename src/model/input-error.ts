import type { Location } from './host.ts';

/** One thing wrong with what the user gave us, said so that it can be corrected. */
export interface Complaint {
  readonly location?: Location;
  /** Lower case, no full stop: `unknown key "adress" in host "edge7"; did you mean "address"?` */
  readonly message: string;
}

/** Bad input: a flag, a file, an inventory. Carries every complaint found, not the first. Exit code 2. */
export class InputError extends Error {
  readonly complaints: readonly Complaint[];

  constructor(complaints: readonly Complaint[]) {
    super(complaints.map(complaintLine).join('\n'));
    this.name = 'InputError';
    this.complaints = complaints;
  }
}

/** `file:line:col: message`, the form that editors and CI understand. */
export function complaintLine({ location, message }: Complaint): string {
  return location === undefined ? message : `${location.file}:${location.line}:${location.column}: ${message}`;
}

export const inputError = (message: string, location?: Location): InputError =>
  new InputError([location === undefined ? { message } : { message, location }]);
