export default function ChartDouble({ label }: { label: string }) {
  return <div role="img" aria-label={label} />;
}
