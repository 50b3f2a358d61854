import js from '@eslint/js';
import query from '@tanstack/eslint-plugin-query';
import hooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const forbid = (group, message) => ({ 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] });

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'TestResults', 'src/api/*.d.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      hooks.configs.flat['recommended-latest'],
    ],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@tanstack/query': query },
    rules: {
      ...query.configs.recommended.rules,
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  // Making a formatter takes far longer than using one, and what formats by locale itself makes one each time.
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/lib/intl.ts', '**/*.test.*', 'src/testing/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...[
          "NewExpression[callee.object.name='Intl'][callee.property.name!='Locale']",
          "CallExpression[callee.object.name='Intl'][callee.property.name!='supportedValuesOf']",
          'CallExpression[callee.property.name=/^(toLocale(Date|Time)?String|localeCompare)$/]',
        ].map((selector) => ({ selector, message: 'Formatters are made in lib/intl.ts, which keeps them.' })),
      ],
    },
  },
  // Imports run one way: app -> dashboard -> consumption, alerts -> live, devices, session -> components, lib, api; beside them
  // app -> users, mappings -> system, devices, session. Users and mappings know each other: each shows the other's end.
  {
    files: ['src/{api,lib,components}/**'],
    rules: forbid(['@/features/*', '@/app/*'], 'The shared rooms know no feature.'),
  },
  {
    files: ['src/features/{live,devices,session}/**'],
    ignores: ['**/*.test.*'],
    rules: forbid(
      ['@/features/consumption/*', '@/features/dashboard/*', '@/features/alerts/*', '@/app/*'],
      'Devices, session and the live connection know nothing of what is built on them.',
    ),
  },
  {
    files: ['src/features/{consumption,alerts}/**'],
    ignores: ['**/*.test.*'],
    rules: forbid(['@/features/dashboard/*', '@/app/*'], 'Features know nothing of what composes them.'),
  },
  {
    files: ['src/features/{users,mappings}/**'],
    ignores: ['**/*.test.*'],
    rules: forbid(
      ['@/features/consumption/*', '@/features/dashboard/*', '@/features/alerts/*', '@/features/live/*', '@/app/*'],
      'Who is who and who sees what knows nothing of what is measured.',
    ),
  },
  {
    files: ['src/features/system/**'],
    ignores: ['**/*.test.*'],
    rules: forbid(['@/features/*', '@/app/*'], 'The system’s own pages know no other feature.'),
  },
  {
    files: ['src/features/dashboard/**'],
    ignores: ['**/*.test.*'],
    rules: forbid(['@/app/*'], 'Features know nothing of the app that composes them.'),
  },
  { files: ['public/**'], languageOptions: { globals: globals.browser, sourceType: 'script' } },
  { files: ['scripts/**', '*.config.js'], languageOptions: { globals: globals.node } },
);
