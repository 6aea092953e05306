/** On one machine, for trying things out: receivers on the machine itself are allowed, over plain HTTP too. */
export const LOOPBACK_WEBHOOKS = { allowHttp: true, allowedNetworks: ['127.0.0.0/8', '::1/128'] };
