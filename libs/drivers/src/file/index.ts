import type { DriverFactory } from '../driver-factory.js';
import { FileDriver } from './file.driver.js';

export const fileDriver: DriverFactory = { create: (context) => new FileDriver(context) };
