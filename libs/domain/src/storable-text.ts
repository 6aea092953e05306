/**
 * Text as PostgreSQL can hold it, in `text` and in `jsonb`: without U+0000, and without halves of surrogate pairs, which
 * cutting a text leaves. For words of others that are only to be read, never for data.
 */
export const storableText = (text: string): string => text.replaceAll('\0', '').toWellFormed();
