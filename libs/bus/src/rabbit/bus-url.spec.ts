import { RabbitBus } from './rabbit-bus.js';

describe('the URL of the broker', () => {
  it.each(['', 'rabbit', 'http://user:secret@host', 'user:secret@host:5672'])(
    'is checked at once, and an error does not repeat it: %j',
    (url) => {
      expect(() => new RabbitBus({ url })).toThrow(/^the bus needs an amqp:\/\/ or amqps:\/\/ URL$/);
    },
  );
});
