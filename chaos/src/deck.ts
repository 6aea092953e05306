import type { Random } from './random.js';

/** Cards in another order each round; every one comes once before any comes again. */
export class Deck<Card> {
  private left: Card[] = [];
  private round = 0;

  /**
   * @param fresh the cards of a round
   * @param rounds how many there are at most
   */
  constructor(
    private readonly fresh: () => readonly Card[],
    private readonly chance: Random,
    private readonly rounds = Infinity,
  ) {}

  /** Undefined when all rounds are over, or the next one has no card. */
  next(): Card | undefined {
    if (this.left.length === 0 && this.round++ < this.rounds) this.left = this.shuffled(this.fresh());
    return this.left.pop();
  }

  /** A card that could not be played now: it comes again as the last of its round. */
  giveBack(card: Card): void {
    this.left.unshift(card);
  }

  private shuffled(cards: readonly Card[]): Card[] {
    return cards
      .map((card) => ({ card, key: this.chance.next() }))
      .sort((a, b) => a.key - b.key)
      .map(({ card }) => card);
  }
}
