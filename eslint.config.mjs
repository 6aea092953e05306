import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/**
 * Imports point one way: domain → contracts → operations → store and bus → edge → apps. `support` (configuration,
 * telemetry, commands, local services) serves everything from the store on; `testing` serves tests alone.
 */
const LAYERS = {
  domain: [],
  contracts: ['domain'],
  operations: ['domain', 'contracts'],
  support: ['domain', 'support'],
  store: ['domain', 'contracts', 'operations', 'support'],
  bus: ['domain', 'contracts', 'support'],
  edge: ['domain', 'contracts', 'operations', 'support', 'store', 'bus', 'edge'],
  testing: ['domain', 'support'],
  app: ['domain', 'contracts', 'operations', 'support', 'store', 'bus', 'edge'],
  main: ['domain', 'contracts', 'operations', 'support', 'store', 'bus', 'edge', 'app', 'main'],
};

const TEST_FILES = [
  '**/*.spec.ts',
  '**/*.spec-helper.ts',
  '**/*test-harness.ts',
  '**/{testing,test-support,conformance,fixtures,mechanical,e2e,resilience}/**/*.ts',
];

/** The layers again, with what every layer may import beside. */
const boundaries = (beside = []) => [
  'error',
  {
    enforceBuildableLibDependency: false,
    allowCircularSelfDependency: true,
    depConstraints: Object.entries(LAYERS).map(([layer, allowed]) => ({
      sourceTag: `layer:${layer}`,
      onlyDependOnLibsWithTags: [...allowed, ...beside].map((other) => `layer:${other}`),
    })),
  },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', '.scoria/**'] },
  {
    files: ['libs/**/*.ts', 'apps/**/*.ts', 'bench/**/*.ts', 'chaos/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked, prettier],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(),
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'off',
      // Both see danger in what is bound or stringified with care here.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      // Takes assertions for unnecessary that the compiler then asks for.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'node:child_process',
              importNames: ['exec', 'execSync'],
              message: 'Never a shell: use @scoria/commands.',
            },
            { name: 'child_process', message: 'Use @scoria/commands.' },
          ],
        },
      ],
    },
  },
  {
    files: TEST_FILES,
    rules: {
      '@nx/enforce-module-boundaries': boundaries(['testing', 'support']),
      // jest's asymmetric matchers are `any`.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/await-thenable': 'off',
    },
  },
);
