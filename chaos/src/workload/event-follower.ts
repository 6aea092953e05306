import { pause } from '../field/until.js';

/** Who may see all projects' events. */
const TOKEN = 'tester:chaos-follower';
/** Longer than a gateway is silent between two signs of life: then its way is broken, and another is tried. */
const SILENCE_MS = 20_000;
const PAUSE_MS = 200;
const OLDEST = 'oldest';

/**
 * Follows the events of all projects over one stream after the other, as a client does that must miss none: it goes on
 * from the last id that it was sent, at the next gateway.
 */
export class EventFollower implements AsyncDisposable {
  /** Ids of all events in the order in which they came. What came twice is here twice. */
  readonly seen: string[] = [];
  private cursor = OLDEST;
  private readonly closing = new AbortController();
  private readonly running: Promise<void>;

  constructor(private readonly urls: readonly string[]) {
    this.running = this.follow();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  private async follow(): Promise<void> {
    const { signal } = this.closing;
    for (let turn = 0; !signal.aborted; turn++) {
      // However a stream ends, another one goes on.
      await this.stream(this.urls[turn % this.urls.length]!).catch(() => undefined);
      await pause(PAUSE_MS, signal);
    }
  }

  private async stream(url: string): Promise<void> {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), SILENCE_MS);
    try {
      const response = await fetch(`${url}/scoria/v1/events?all_projects=true&after=${OLDEST}`, {
        headers: {
          'x-auth-token': TOKEN,
          accept: 'text/event-stream',
          ...(this.cursor === OLDEST ? {} : { 'last-event-id': this.cursor }),
        },
        signal: AbortSignal.any([silence.signal, this.closing.signal]),
      });
      if (!response.ok) {
        await response.body?.cancel();
        return;
      }
      let text = '';
      for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
        timer.refresh();
        const frames = (text + part).split('\n\n');
        // What is not complete was not received: it comes again.
        text = frames.pop()!;
        for (const frame of frames) this.take(frame);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** An id without data is no event, but where to go on from. */
  private take(frame: string): void {
    const id = /^id: (.+)$/m.exec(frame)?.[1];
    if (id === undefined) return;
    this.cursor = id;
    if (/^data: /m.test(frame)) this.seen.push(id);
  }
}
