/**
 * What must not reach a log, a span, an error or a print-out. One list for all of them: names under which secrets travel
 * in Cinder's bodies, headers, connection information and driver options.
 */
const SECRET_NAME =
  /passw|passphrase|adminpass|secret|token|authorization|credential|chap|cookie|keyring|(auth|api|private|encryption)_?key/i;

/** What stands where a secret was. */
export const REDACTED = '[redacted]';

export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** The text with secrets within URLs masked: `scheme://user:password@host`, `?password=...`. */
export function maskUrlPasswords(text: string): string {
  if (!text.includes('://')) return text;
  return text
    .replace(/(:\/\/[^\s:/@]{0,256}:)[^\s/]{1,1024}@/g, `$1${REDACTED}@`)
    .replace(/([?&]([^=&\s]{1,64})=)[^&\s#]+/g, (whole, start: string, name: string) =>
      isSecretName(name) ? `${start}${REDACTED}` : whole,
    );
}
