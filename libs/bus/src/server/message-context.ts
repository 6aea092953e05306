/** What a handler learns beside the body. A class, so that Nest can reflect on it as a parameter's type. */
export class MessageContext {
  constructor(
    readonly contract: string,
    /** The version that the sender spoke: the handler's own or an older one. */
    readonly version: number,
    readonly messageId: string,
    /** The queue the message was taken from; empty for a broadcast. */
    readonly queue: string,
    /** 1 for the first time; more when an earlier handler failed, died or was cut off from the broker. */
    readonly deliveries: number,
    readonly requestId: string | undefined,
    /** When the caller stops waiting; calls only. */
    readonly deadline: Date | undefined,
  ) {}

  get redelivered(): boolean {
    return this.deliveries > 1;
  }
}
