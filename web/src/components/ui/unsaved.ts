import { useCallback, useEffect, useId } from 'react';

const forms = new Set<string>();

export const hasUnsaved = () => forms.size > 0;

/** Guards a form's entries while they are unsaved. Returns what lets them go, to be called before leaving after saving. */
export function useUnsaved(isDirty: boolean) {
  const id = useId();
  const release = useCallback(() => void forms.delete(id), [id]);

  useEffect(() => {
    if (!isDirty) return;

    forms.add(id);
    return release;
  }, [id, isDirty, release]);

  return release;
}
