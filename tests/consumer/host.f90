! SPDX-License-Identifier: BSD-3-Clause
! The host program in Fortran: the fields of host.c in both precisions, alone and two at a time, and
! a gradient against a difference.
program host
  use, intrinsic :: iso_fortran_env, only: real32, real64, error_unit
  use ritz
  implicit none
  integer, parameter :: n = 24, m = 20, steps = 3
  real(real64) :: coefficient(n, m), pressure(n, m), gradient(n, m), total, expected, got
  real(real64) :: changed(n, m), there(n, m), two(n, m, 1, 2), answers(n, m, 1, 2)
  real(real32) :: single(n, m)
  type(ritz_predictor) :: op, pair
  character(len=256) :: file
  integer :: i, j, step

  call get_command_argument(1, file)
  call must(op%load(file, [n, m], backward=.true.))
  call must(pair%load(file, [n, m], batch=2, threads=2))
  total = 0
  do step = 0, steps - 1
    do j = 1, m
      do i = 1, n
        coefficient(i, j) = &
          merge(12, 3, mod((i - 1 + step)/8, 2) == mod((j - 1)/8, 2))
      end do
    end do
    call must(op%run_f64(coefficient, pressure))
    total = total + sum(pressure)
  end do

  call must(op%run_f32(real(coefficient, real32), single))
  call check("single precision", maxval(abs(single - pressure)) < 1e-5*maxval(abs(pressure)))
  two(:, :, 1, 1) = coefficient
  two(:, :, 1, 2) = coefficient
  call must(pair%run_f64(two, answers))
  call check("two fields", maxval(abs(answers(:, :, 1, 2) - pressure)) < 1e-6*maxval(abs(pressure)))

  ! <v, y(x + d) - y(x - d)> = 2 <J^T v, d>, with v = y
  changed = 0
  changed(5:9, 3:15) = 0.01_real64
  call must(op%run_f64(coefficient - changed, there))
  expected = -sum(pressure*there)
  call must(op%run_f64(coefficient + changed, there))
  expected = expected + sum(pressure*there)
  call must(op%run_f64(coefficient, there))
  call must(op%vjp_f64(pressure, gradient))
  got = 2*sum(gradient*changed)
  call check("gradient", abs(got - expected) < 1e-2*abs(expected))

  call check("no file", pair%load("no-such-model.h5", [n, m]) /= ritz_ok)
  call check("the message", index(ritz_message(), "no-such-model.h5") > 0)
  print '(a, es13.6)', "host in Fortran: ok, sum ", total

contains

  subroutine must(status)
    integer, intent(in) :: status
    if (status == ritz_ok) return
    write (error_unit, '(a)') ritz_message()
    stop 1
  end subroutine must

  subroutine check(what, holds)
    character(len=*), intent(in) :: what
    logical, intent(in) :: holds
    if (holds) return
    write (error_unit, '(2a)') "host in Fortran: wrong: ", what
    stop 1
  end subroutine check
end program host
