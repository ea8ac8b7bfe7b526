/* SPDX-License-Identifier: BSD-3-Clause
 * Number formats: those of memory and of files, and whether one can be. */
#include "io/h5.h"

/* {r, i} with the member type in memory or on file order; close the result. */
static hid_t complex_type(hid_t member) {
  const size_t size = H5Tget_size(member);
  const hid_t type = H5Tcreate(H5T_COMPOUND, 2 * size);
  H5Tinsert(type, "r", 0, member);
  H5Tinsert(type, "i", size, member);
  return type;
}

hid_t ritz_h5_number_type(ritz_h5_type type, bool on_file) {
  const hid_t single = on_file ? H5T_IEEE_F32LE : H5T_NATIVE_FLOAT;
  const hid_t twice = on_file ? H5T_IEEE_F64LE : H5T_NATIVE_DOUBLE;
  switch (type) {
    case RITZ_H5_FLOAT32: return H5Tcopy(single);
    case RITZ_H5_FLOAT64: return H5Tcopy(twice);
    case RITZ_H5_COMPLEX64: return complex_type(single);
    case RITZ_H5_COMPLEX128: return complex_type(twice);
    case RITZ_H5_INT64: return H5Tcopy(on_file ? H5T_STD_I64LE : H5T_NATIVE_INT64);
    case RITZ_H5_UINT8: return H5Tcopy(on_file ? H5T_STD_U8LE : H5T_NATIVE_UINT8);
  }
  return H5I_INVALID_HID;
}

ritz_h5_class ritz_h5_class_of(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_INTEGER: return RITZ_H5_CLASS_INTEGER;
    case H5T_FLOAT: return RITZ_H5_CLASS_REAL;
    case H5T_ENUM: return RITZ_H5_CLASS_BOOLEAN;
    case H5T_COMPOUND:
      return H5Tget_nmembers(type) == 2 && H5Tget_member_index(type, "r") >= 0 &&
                     H5Tget_member_index(type, "i") >= 0
                 ? RITZ_H5_CLASS_COMPLEX
                 : RITZ_H5_CLASS_OTHER;
    default: return RITZ_H5_CLASS_OTHER;
  }
}

/* Bits of an integer, of a float or of what stands for them. */
static bool has_sound_bits(hid_t type) {
  const size_t bits = 8 * H5Tget_size(type), precision = H5Tget_precision(type);
  const int offset = H5Tget_offset(type);
  return precision > 0 && offset >= 0 && precision <= bits && (size_t)offset <= bits - precision;
}

static bool has_sound_fields(hid_t type) {
  size_t sign, exponent, exponent_bits, mantissa, mantissa_bits;
  const size_t bits = H5Tget_precision(type);
  return has_sound_bits(type) &&
         H5Tget_fields(type, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits) >= 0 &&
         sign < bits && exponent_bits <= bits && exponent <= bits - exponent_bits &&
         mantissa_bits <= bits && mantissa <= bits - mantissa_bits;
}

static bool has_sound_members(hid_t type) {
  const size_t size = H5Tget_size(type);
  for (int i = 0; i < H5Tget_nmembers(type); i++) {
    const size_t offset = H5Tget_member_offset(type, (unsigned)i);
    const hid_t member = H5Tget_member_type(type, (unsigned)i);
    const bool sound = member >= 0 && H5Tget_size(member) <= size &&
                       offset <= size - H5Tget_size(member) && ritz_h5_is_sound(member);
    if (member >= 0) H5Tclose(member);
    if (!sound) return false;
  }
  return true;
}

bool ritz_h5_is_sound(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_INTEGER: return has_sound_bits(type);
    case H5T_FLOAT: return has_sound_fields(type);
    case H5T_COMPOUND: return has_sound_members(type);
    case H5T_ENUM: {
      const hid_t base = H5Tget_super(type);
      const bool sound = base >= 0 && ritz_h5_is_sound(base);
      if (base >= 0) H5Tclose(base);
      return sound;
    }
    default: return true; /* nothing that we read as numbers */
  }
}
