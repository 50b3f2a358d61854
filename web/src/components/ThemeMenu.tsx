import { Monitor, Moon, Sun } from 'lucide-react';
import { chooseTheme, useTheme, useThemeChoice, type ThemeChoice } from '@/lib/theme';
import { IconButton } from './ui/Button';
import { Menu, MenuContent, MenuRadioGroup, MenuRadioItem, MenuTrigger } from './ui/Menu';

const choices: { value: ThemeChoice; label: string; icon: typeof Sun }[] = [
  { value: 'system', label: 'As the system', icon: Monitor },
  { value: 'light', label: 'Light', icon: Sun },
  { value: 'dark', label: 'Dark', icon: Moon },
];

export function ThemeMenu() {
  const choice = useThemeChoice();
  const Icon = useTheme() === 'dark' ? Moon : Sun;

  return (
    <Menu>
      <MenuTrigger asChild>
        <IconButton label="Theme">
          <Icon aria-hidden="true" className="size-5" />
        </IconButton>
      </MenuTrigger>
      <MenuContent>
        <MenuRadioGroup value={choice} onValueChange={(value) => chooseTheme(value as ThemeChoice)}>
          {choices.map(({ value, label, icon: Item }) => (
            <MenuRadioItem key={value} value={value}>
              <Item aria-hidden="true" className="size-4" />
              {label}
            </MenuRadioItem>
          ))}
        </MenuRadioGroup>
      </MenuContent>
    </Menu>
  );
}
