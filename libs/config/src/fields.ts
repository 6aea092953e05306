import 'reflect-metadata';
import { applyDecorators } from './apply-decorators.js';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateBy,
  ValidateNested,
} from 'class-validator';

/** The field decorators of the configuration classes. Every field carries a bound; none is open-ended. */

const TEXT = 'scoria:text';
const SECTION = 'scoria:section';

type SectionClass = new () => object;

/** Whether a field takes text, so that an environment variable of digits stays text. */
export const takesText = (type: SectionClass, key: string): boolean =>
  Reflect.hasMetadata(TEXT, type.prototype as object, key);

/** The class of a nested section, or undefined for any other field. */
export const sectionOf = (type: SectionClass, key: string): SectionClass | undefined =>
  (Reflect.getMetadata(SECTION, type.prototype as object, key) as (() => SectionClass) | undefined)?.();

/** A whole number within [min, max]. */
export const Whole = (min: number, max: number): PropertyDecorator =>
  applyDecorators(IsInt(), Min(min), Max(max));

/** A number within [min, max]. */
export const Decimal = (min: number, max: number): PropertyDecorator =>
  applyDecorators(IsNumber({ allowNaN: false, allowInfinity: false }), Min(min), Max(max));

/** A text of 1 to `max` characters. */
export const Text = (max = 255): PropertyDecorator =>
  applyDecorators(IsString(), MinLength(1), MaxLength(max), Reflect.metadata(TEXT, true));

export const Flag = (): PropertyDecorator => IsBoolean();

export const Choice = (values: readonly string[]): PropertyDecorator =>
  applyDecorators(IsIn([...values]), Reflect.metadata(TEXT, true));

/** A list of at most `max` short names. */
export const Names = (max: number): PropertyDecorator =>
  applyDecorators(
    IsArray(),
    ArrayMaxSize(max),
    IsString({ each: true }),
    MinLength(1, { each: true }),
    MaxLength(255, { each: true }),
  );

/** Keys that Scoria itself does not know: a driver's options, a pool's extra capabilities. */
export const FreeForm = (): PropertyDecorator => IsObject();

/** A URL with one of the given schemes, e.g. `postgresql`. */
export const UrlOf = (...schemes: string[]): PropertyDecorator =>
  applyDecorators(
    Reflect.metadata(TEXT, true),
    MaxLength(2048),
    ValidateBy({
      name: 'urlOf',
      validator: {
        validate: (value: unknown) =>
          typeof value === 'string' &&
          URL.canParse(value) &&
          schemes.includes(new URL(value).protocol.slice(0, -1)),
        defaultMessage: () => `$property must be a URL starting with ${schemes.join(':// or ')}://`,
      },
    }),
  );

/** One nested section. */
export const Section = (type: () => SectionClass): PropertyDecorator =>
  applyDecorators(IsObject(), ValidateNested(), Type(type), Reflect.metadata(SECTION, type));

/** A list of at most `max` nested sections. */
export const Sections = (type: () => SectionClass, max: number): PropertyDecorator =>
  applyDecorators(IsArray(), ArrayMaxSize(max), ValidateNested({ each: true }), Type(type));
