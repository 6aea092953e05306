/** The broker that the test run shares. */
export async function brokerUrl(): Promise<string> {
  const url = process.env['SCORIA_TEST_AMQP_URL'];
  if (url === undefined) throw new Error('no broker');
  return url;
}
