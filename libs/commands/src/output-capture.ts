import { StringDecoder } from 'node:string_decoder';

/** Keeps one output stream up to a limit, and hands over its lines as they come. */
export class OutputCapture {
  private readonly chunks: Buffer[] = [];
  private readonly decoder = new StringDecoder('utf8');
  private bytes = 0;
  private line = '';
  /** Whether the stream was longer than the limit. */
  overflowed = false;

  constructor(
    private readonly maxBytes: number,
    private readonly onLine?: (line: string) => void,
  ) {}

  add(chunk: Buffer): void {
    const room = this.maxBytes - this.bytes;
    const kept = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.overflowed ||= chunk.length > room;
    this.bytes += kept.length;
    this.chunks.push(kept);
    if (this.onLine) this.addLines(this.decoder.write(kept));
  }

  /** Hands over the last line where it has no end. */
  end(): void {
    if (this.line !== '') this.onLine?.(this.line);
    this.line = '';
  }

  text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }

  private addLines(text: string): void {
    const lines = (this.line + text).split(/[\r\n]/);
    this.line = lines.pop()!;
    for (const line of lines) if (line !== '') this.onLine!(line);
  }
}
