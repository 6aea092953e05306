import { Deck } from './deck.js';
import { Random } from './random.js';

const CARDS = ['a', 'b', 'c'];
const all = (deck: Deck<string>, most = 10): string[] =>
  Array.from({ length: most }, () => deck.next()).filter((card) => card !== undefined);

test('every card comes once before any comes again, for as many rounds as asked', () => {
  const played = all(new Deck(() => CARDS, new Random(1), 2));
  expect(played).toHaveLength(6);
  expect(played.slice(0, 3).toSorted()).toEqual(CARDS);
});

test('a card that is given back is not lost, and does not hold up the others', () => {
  const deck = new Deck(() => CARDS, new Random(1), 1);
  const first = deck.next()!;
  deck.giveBack(first);
  const played = all(deck);
  expect(played.toSorted()).toEqual(CARDS);
  expect(played.at(-1)).toBe(first);
});

test('no cards are an end, not an endless search', () => {
  expect(new Deck(() => [], new Random(1)).next()).toBeUndefined();
});
