/**
 * Whether a project that holds `held` slots may take another one while `free` are free.
 *
 * A project may only take a slot when what it then holds is at most share / (1 - share) times what is then left free. So
 * one project alone gets `share` of all slots, each further one the same part of what the others leave, and the last slot
 * only ever goes to a project that holds none (dynamic thresholds: Choudhury and Hahne, IEEE/ACM Transactions on
 * Networking 6(2), 1998). A share of 1 lets one project take everything.
 */
export function mayTakeSlot(held: number, free: number, share: number): boolean {
  if (free <= 0) return false;
  return held === 0 || (held + 1) * (1 - share) <= share * (free - 1);
}
