import 'reflect-metadata';
import { ConfigError } from '@scoria/config';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { DriverContext } from './driver-factory.js';

/**
 * A backend's options as an instance of a class-validator class. An option that the class does not declare is an
 * error: a mistyped name must not silently mean its default.
 *
 * @throws ConfigError that lists every problem, and no value
 */
export function readOptions<T extends object>(
  type: new () => T,
  context: Pick<DriverContext, 'backendName' | 'options'>,
): T {
  const options = plainToInstance(type, context.options);
  const faulty = validateSync(options, { whitelist: true, forbidNonWhitelisted: true });
  if (faulty.length === 0) return options;
  throw new ConfigError(
    faulty.map(({ property, constraints = {}, value }) => {
      const problem =
        'whitelistValidation' in constraints
          ? 'is not an option of this driver'
          : value === undefined
            ? 'is required'
            : Object.values(constraints).join('; ');
      return `${optionPath(context.backendName, property)}: ${problem}`;
    }),
  );
}

/** How a message names one option: `backends[name].options.directory`. */
export const optionPath = (backendName: string, option: string): string =>
  `backends[${backendName}].options.${option}`;
