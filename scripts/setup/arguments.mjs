/** What a script was given. */
const NO_INSTALL = '--no-install';

/** `--no-install` is for the set-up, everything else for the program that the script is for. */
export function scriptArguments(given = process.argv.slice(2)) {
  const args = given.filter((arg) => arg !== NO_INSTALL);
  return { install: args.length === given.length, args };
}
