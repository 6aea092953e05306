import { hash } from 'node:crypto';

/** Tokens that are remembered at most; beyond, the ones refused longest ago are forgotten. */
const MAX_TOKENS = 4096;

/**
 * Whose the tokens are that were refused lately, so that their next requests need not be looked into to be refused again.
 * It lets nobody in: a token found here is only ever told to wait.
 */
export class RefusedTokens {
  /** Projects by the hash of a token, the latest last. */
  private readonly projects = new Map<string, string>();

  get size(): number {
    return this.projects.size;
  }

  remember(token: string, projectId: string): void {
    const key = keyOf(token);
    this.projects.delete(key);
    this.projects.set(key, projectId);
    if (this.projects.size > MAX_TOKENS) this.projects.delete(this.projects.keys().next().value!);
  }

  forget(token: string): void {
    this.projects.delete(keyOf(token));
  }

  projectOf(token: string): string | undefined {
    return this.projects.size === 0 ? undefined : this.projects.get(keyOf(token));
  }
}

/** Tokens are secrets: the memory of the process keeps none of them longer than it must. */
const keyOf = (token: string): string => hash('sha256', token, 'base64');
