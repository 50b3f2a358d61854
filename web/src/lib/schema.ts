import { z } from 'zod';

// Without this zod compiles schemas by eval, which a strict Content-Security-Policy reports.
z.config({ jitless: true });

const required = (what: string) => z.string().trim().min(1, `Enter ${what}.`);

/** The entries that several forms share, by the services' own rules. */
export const entries = {
  required,
  username: required('a username')
    .max(150, 'At most 150 characters.')
    .regex(/^[\p{L}\p{Nd}\p{Mn}\p{Mc}._+@-]*$/u, 'Letters, digits and the characters . _ - + @ only.'),
  newPassword: z.string().min(8, 'At least 8 characters.').max(256, 'At most 256 characters.'),
  role: z.enum(['client', 'admin']),
  name: z.string().trim().max(150, 'At most 150 characters.'),
  email: z
    .string()
    .trim()
    .max(254, 'At most 254 characters.')
    .refine((text) => text === '' || /^[^\s@]+@[^\s@]+$/.test(text), 'Enter an e-mail address, such as name@example.com.'),
  phone: z
    .string()
    .trim()
    .refine(
      (text) => text === '' || (/^[0-9 +\-()/.]{3,32}$/.test(text) && text.replace(/\D/g, '').length >= 3),
      'Digits, at least three of them, spaces and + - ( ) / .',
    ),
};

export { z };
