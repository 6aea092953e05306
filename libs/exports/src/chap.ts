import { randomInt } from 'node:crypto';
import type { Chap } from './export-protocol.js';

/** Without 0, 1, I, O and l, which people mix up (cinder-map §4.5). */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const USERNAME_LENGTH = 20;
/** 93 bits. Some initiators take no more than 16 characters. */
const PASSWORD_LENGTH = 16;

/** Fresh credentials for one attachment. */
export function generateChap(): Chap {
  return { username: randomText(USERNAME_LENGTH), password: randomText(PASSWORD_LENGTH) };
}

function randomText(length: number): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
