import type { DriverFactory } from '../driver-factory.js';
import { NullDriver } from './null.driver.js';

export const nullDriver: DriverFactory = { create: (context) => new NullDriver(context) };
