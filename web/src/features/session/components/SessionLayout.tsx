import type { ReactNode } from 'react';
import { Brand } from '@/components/Brand';
import { DayCurve } from './DayCurve';

/** What surrounds the pages of those who aren't signed in yet. */
export function SessionLayout({ title, subtitle, children }: { title: string; subtitle: string; children: ReactNode }) {
  return (
    <div className="grid min-h-dvh max-lg:grid-rows-[auto_1fr] lg:grid-cols-[1fr_minmax(26rem,34rem)]">
      <title>{`${title} · EnergyAspire`}</title>

      <aside
        className="relative flex flex-col overflow-hidden bg-[#07403d] px-6 pt-6 text-white max-lg:h-44 lg:sticky lg:top-0 lg:h-dvh lg:p-12"
        aria-hidden="true"
      >
        <Brand inverse />
        <p className="mt-auto mb-10 max-w-md text-4xl leading-tight font-semibold tracking-tight text-balance max-lg:hidden">
          Every hour of your home’s energy, exactly as it was measured.
        </p>
        <DayCurve className="h-64 w-full max-lg:absolute max-lg:inset-x-6 max-lg:bottom-0 max-lg:h-20 max-lg:w-[calc(100%-3rem)]" />
      </aside>

      <main className="flex items-center justify-center p-6 max-lg:items-start max-lg:pt-10">
        <div className="w-full max-w-sm">
          <h1 className="text-3xl font-semibold tracking-tight">{title}</h1>
          <p className="mt-2 mb-8 text-ink-soft">{subtitle}</p>
          {children}
        </div>
      </main>
    </div>
  );
}
