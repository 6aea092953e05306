import { Whole } from '../fields.js';
import { Redactable } from '../redact.js';

/** The feed of events, and the streams of those who follow it. */
export class EventsConfig extends Redactable {
  /** Days for which events are kept. Default 30. */
  @Whole(1, 3650)
  retentionDays = 30;

  /** Streams that one gateway serves at once. Default 500. */
  @Whole(0, 100_000)
  maxStreams = 500;

  /** Streams of one project that one gateway serves at once. Default 20. */
  @Whole(0, 10_000)
  maxStreamsPerProject = 20;

  /** Seconds after which a stream ends and its client comes again, at the latest with its token's end. Default 3,600. */
  @Whole(1, 86_400)
  streamSeconds = 3600;

  /** Seconds of silence after which a stream says that it is alive. Default 15. */
  @Whole(1, 600)
  heartbeatSeconds = 15;

  /** Seconds that a client may take to receive what was sent before its stream is cut. Default 30. */
  @Whole(1, 600)
  slowClientSeconds = 30;
}
