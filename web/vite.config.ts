import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress } from 'node:zlib';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// Tests run in a fixed zone, far from the zones of their devices.
process.env.TZ = 'America/New_York';

/** The gateway, where this server stands alone. Behind the gateway there is none: each would pass what it doesn't know to the other. */
const gateway = process.env.GATEWAY_URL;

/** Beside each script and style of the build the same as small as it gets; the gateway serves that to browsers that take it. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    async writeBundle({ dir = '' }, bundle) {
      const files = Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name));
      const compress = async (name: string) =>
        writeFile(join(dir, `${name}.br`), await promisify(brotliCompress)(await readFile(join(dir, name))));
      await Promise.all(files.map(compress));
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), compressed()],
  resolve: {
    alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) },
  },
  server: {
    host: '127.0.0.1',
    port: Number(process.env.PORT ?? 5173),
    strictPort: true,
    // Behind the gateway the page's origin is the gateway's, and so is the hot reload socket's: no port is fixed here.
    allowedHosts: ['localhost', '127.0.0.1', 'web'],
    ...(gateway && { proxy: { '^/(api|session|connect|\\.well-known)(?=[/?]|$)': { target: gateway, ws: true } } }),
  },
  build: {
    // The chart library is large and loaded lazily.
    chunkSizeWarningLimit: 600,
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/testing/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}', 'scripts/*.test.mjs'],
    restoreMocks: true,
    testTimeout: 30_000,
    coverage: {
      enabled: process.env.COVERAGE === 'true',
      include: ['src/**/*.{ts,tsx}'],
      exclude: ['src/**/*.test.*', 'src/testing/**'],
      reporter: ['text-summary', 'html'],
    },
    reporters: process.env.CI ? ['default', ['junit', { outputFile: 'TestResults/web.xml' }]] : ['default'],
  },
});
