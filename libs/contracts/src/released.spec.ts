import { readFileSync } from 'node:fs';
import { IsInt, IsOptional, IsString } from 'class-validator';
import { OPTIONAL, contractShapes, rulesOf, type ContractShape, type Rules } from './test-support/shapes.js';

const released = JSON.parse(readFileSync(new URL('../released.json', import.meta.url), 'utf8')) as Record<
  string,
  ContractShape
>;
const current = contractShapes();

/** What `released` says, and of `now` only what it may not have beside. */
function withoutAdditions(now: Record<string, Rules> = {}, then: Record<string, Rules> = {}): object {
  const added = ([name, rules]: [string, Rules]): boolean => !(name in then) && rules.includes(OPTIONAL);
  return Object.fromEntries(Object.entries(now).filter((property) => !added(property)));
}

test.each(Object.keys(released))('the released contract %s is as it was, but for optional fields', (key) => {
  const [now, then] = [current[key], released[key]!];
  expect(now).toBeDefined();
  expect({
    kind: now!.kind,
    body: withoutAdditions(now!.body, then.body),
    ...(then.reply ? { reply: withoutAdditions(now!.reply, then.reply) } : {}),
  }).toEqual(then);
});

test('every contract is on record: `npm run record-released` adds what is new', () => {
  expect(Object.keys(current).sort()).toEqual(Object.keys(released).sort());
});

test('of what a body has gained, optional fields alone are let pass', () => {
  class Then {
    @IsString()
    name!: string;
  }
  class Now extends Then {
    @IsOptional()
    @IsString()
    note?: string;
  }
  class Stricter extends Then {
    @IsInt()
    size!: number;
  }
  expect(withoutAdditions(rulesOf(Now), rulesOf(Then))).toEqual(rulesOf(Then));
  expect(withoutAdditions(rulesOf(Stricter), rulesOf(Then))).not.toEqual(rulesOf(Then));
});
