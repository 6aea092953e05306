import { missed } from './feed.js';

const FEED = ['1-1', '1-2', '3-1'];

const whatOf = (...seen: string[]): string[] => missed('the follower', FEED, seen).map(({ what }) => what);

test('who has seen every event once, in order, has missed nothing', () => {
  expect(whatOf('1-1', '1-2', '3-1')).toEqual([]);
});

test('events that were missed, came twice, out of order or from nowhere are found', () => {
  expect(whatOf('1-1', '3-1')).toEqual(['an event that the follower never saw']);
  expect(whatOf('1-1', '1-2', '1-2', '3-1')).toEqual(['an event that the follower saw twice']);
  expect(whatOf('1-2', '1-1', '3-1')).toEqual(['an event that the follower saw out of order']);
  expect(whatOf('1-1', '1-2', '2-1', '3-1')).toEqual([
    'an event that the follower saw, and that is not there',
  ]);
  expect(whatOf()).toHaveLength(3);
});
