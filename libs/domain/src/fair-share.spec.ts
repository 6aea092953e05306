import { mayTakeSlot } from './fair-share.js';

/** How many slots each of `projects` gets when all take for as long as they may, one after the other. */
function fill(slots: number, share: number, projects: number): number[] {
  let free = slots;
  return Array.from({ length: projects }, () => {
    let held = 0;
    while (mayTakeSlot(held, free, share)) {
      held++;
      free--;
    }
    return held;
  });
}

describe('the share of one project', () => {
  it.each([
    [16, 0.75, [12, 3, 1, 0]],
    [128, 0.5, [64, 32, 16, 8, 4, 2, 1, 1, 0]],
    [10, 0.9, [9, 1, 0]],
    [4, 0.75, [3, 1, 0]],
    [2, 0.75, [1, 1, 0]],
    [1, 0.75, [1, 0]],
    [16, 1, [16, 0]],
  ])('of %i slots with a share of %d is %j', (slots, share, expected) => {
    expect(fill(slots, share, expected.length)).toEqual(expected);
  });

  it('never lets a project that holds a slot take the last one', () => {
    for (let held = 1; held < 100; held++) expect(mayTakeSlot(held, 1, 0.99)).toBe(false);
  });
});
