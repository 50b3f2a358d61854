import type { FieldErrors, UseFormRegister } from 'react-hook-form';
import { SelectField } from '@/components/ui/SelectField';
import { TextField } from '@/components/ui/TextField';
import { entries } from '@/lib/schema';

export const accountEntries = {
  username: entries.username,
  role: entries.role,
  fname: entries.name,
  lname: entries.name,
  email: entries.email,
  phone: entries.phone,
};

export const accountFields = ['username', 'role', 'fname', 'lname', 'email', 'phone'] as const;

export interface AccountValues {
  username: string;
  role: 'client' | 'admin';
  fname: string;
  lname: string;
  email: string;
  phone: string;
}

interface Props {
  register: UseFormRegister<AccountValues>;
  errors: FieldErrors<AccountValues>;
}

/** What an administrator enters about somebody. The browser's own address isn't offered: it is somebody else's. */
export const AccountFields = ({ register, errors }: Props) => (
  <>
    <div className="grid gap-5 sm:grid-cols-2 sm:gap-3">
      <TextField
        label="Username"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        error={errors.username?.message}
        {...register('username')}
      />
      <SelectField
        label="Role"
        error={errors.role?.message}
        hint="Administrators see every device and manage everybody."
        {...register('role')}
      >
        <option value="client">Client</option>
        <option value="admin">Administrator</option>
      </SelectField>
    </div>
    <div className="grid gap-5 sm:grid-cols-2 sm:gap-3">
      <TextField label="First name" autoComplete="off" error={errors.fname?.message} {...register('fname')} />
      <TextField label="Last name" autoComplete="off" error={errors.lname?.message} {...register('lname')} />
      <TextField label="E-mail" type="email" autoComplete="off" error={errors.email?.message} {...register('email')} />
      <TextField label="Phone" type="tel" autoComplete="off" error={errors.phone?.message} {...register('phone')} />
    </div>
  </>
);
