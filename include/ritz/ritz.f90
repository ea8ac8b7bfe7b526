! SPDX-License-Identifier: BSD-3-Clause
!
! Trained operators in Fortran 2003 programs. Compile this file with your own sources (module files
! belong to one compiler) and link with -lritz.
!
!   use ritz
!   type(ritz_predictor) :: darcy
!   real(real64) :: permeability(64, 64), pressure(64, 64)
!   if (darcy%load("darcy.h5", [64, 64]) /= ritz_ok) error stop ritz_message()
!   if (darcy%run_f64(permeability, pressure) /= ritz_ok) error stop ritz_message()
!
! Fields are a(n1, n2, ..., channels, batch), contiguous, double or single precision; a(i, j) is the
! value at (x_i, y_j), as x[i][j] is in C: nothing is transposed by the caller. The extents for
! channels and batch may be left out where they are 1. Fields are passed without their shape, so
! what does not fit is not noticed: sizes are those given to load().
!
! Functions return ritz_ok (0) or a status of ritz/status.h; ritz_message() is then one sentence.
! Nothing is printed, no program is stopped.
module ritz
  use, intrinsic :: iso_c_binding
  implicit none
  private
  public :: ritz_predictor, ritz_message, ritz_ok

  integer, parameter :: ritz_ok = 0
  integer, parameter :: ritz_index = c_intptr_t ! ptrdiff_t, which Fortran 2003 has no name for

  ! A model planned for one grid and batch; one at a time per thread. Not to be copied.
  type :: ritz_predictor
    private
    type(c_ptr) :: context = c_null_ptr, model = c_null_ptr, handle = c_null_ptr
    integer(ritz_index) :: x_stride(5) = 0, y_stride(5) = 0
  contains
    procedure :: load => predictor_load
    procedure :: close => predictor_close
    ! run(x, y): y = model(x) in physical units. Allocates nothing.
    procedure :: run_f64 => predictor_run_f64
    procedure :: run_f32 => predictor_run_f32
    ! vjp(v, g): g = (dy/dx)^T v at the x of the last run, if loaded with backward=.true.
    procedure :: vjp_f64 => predictor_vjp_f64
    procedure :: vjp_f32 => predictor_vjp_f32
    final :: predictor_final
  end type ritz_predictor

  type, bind(C) :: context_options
    integer(c_int) :: threads
    type(c_funptr) :: log
    type(c_ptr) :: log_user
    integer(c_int) :: log_level
    integer(c_int64_t) :: reserved(4)
  end type context_options

  ! ritz_model_info up to the channels.
  type, bind(C) :: model_info
    type(c_ptr) :: operator_name, operator_options
    integer(c_int) :: dtype
    integer(ritz_index) :: parameters
    integer(c_int) :: dim
    integer(ritz_index) :: grid(3)
    real(c_double) :: length(3)
    integer(c_int) :: periodic(3), channels_in, channels_out
  end type model_info

  interface
    subroutine context_options_defaults(options) bind(C, name="ritz_context_options_defaults")
      import
      type(context_options), intent(out) :: options
    end subroutine
    integer(c_int) function context_create(options, context) bind(C, name="ritz_context_create")
      import
      type(context_options), intent(in) :: options
      type(c_ptr), intent(out) :: context
    end function
    subroutine context_destroy(context) bind(C, name="ritz_context_destroy")
      import
      type(c_ptr), intent(inout) :: context
    end subroutine
    integer(c_int) function model_load(context, path, model) bind(C, name="ritz_model_load")
      import
      type(c_ptr), value :: context
      character(kind=c_char), intent(in) :: path(*)
      type(c_ptr), intent(out) :: model
    end function
    type(c_ptr) function model_get_info(model) bind(C, name="ritz_model_get_info")
      import
      type(c_ptr), value :: model
    end function
    subroutine model_destroy(model) bind(C, name="ritz_model_destroy")
      import
      type(c_ptr), intent(inout) :: model
    end subroutine
    integer(c_int) function predictor_create(model, dim, grid, batch, predictor) &
        bind(C, name="ritz_predictor_create")
      import
      type(c_ptr), value :: model
      integer(c_int), value :: dim
      integer(ritz_index), intent(in) :: grid(*)
      integer(ritz_index), value :: batch
      type(c_ptr), intent(out) :: predictor
    end function
    integer(c_int) function predictor_plan_vjp(predictor) bind(C, name="ritz_predictor_plan_vjp")
      import
      type(c_ptr), value :: predictor
    end function
    subroutine predictor_destroy(predictor) bind(C, name="ritz_predictor_destroy")
      import
      type(c_ptr), intent(inout) :: predictor
    end subroutine
    integer(c_int) function run_strided_f64(predictor, x, x_stride, y, y_stride) &
        bind(C, name="ritz_predictor_run_strided_f64")
      import
      type(c_ptr), value :: predictor
      real(c_double), intent(in) :: x(*)
      real(c_double), intent(inout) :: y(*)
      integer(ritz_index), intent(in) :: x_stride(*), y_stride(*)
    end function
    integer(c_int) function run_strided_f32(predictor, x, x_stride, y, y_stride) &
        bind(C, name="ritz_predictor_run_strided_f32")
      import
      type(c_ptr), value :: predictor
      real(c_float), intent(in) :: x(*)
      real(c_float), intent(inout) :: y(*)
      integer(ritz_index), intent(in) :: x_stride(*), y_stride(*)
    end function
    integer(c_int) function vjp_strided_f64(predictor, v, v_stride, g, g_stride) &
        bind(C, name="ritz_predictor_vjp_strided_f64")
      import
      type(c_ptr), value :: predictor
      real(c_double), intent(in) :: v(*)
      real(c_double), intent(inout) :: g(*)
      integer(ritz_index), intent(in) :: v_stride(*), g_stride(*)
    end function
    integer(c_int) function vjp_strided_f32(predictor, v, v_stride, g, g_stride) &
        bind(C, name="ritz_predictor_vjp_strided_f32")
      import
      type(c_ptr), value :: predictor
      real(c_float), intent(in) :: v(*)
      real(c_float), intent(inout) :: g(*)
      integer(ritz_index), intent(in) :: v_stride(*), g_stride(*)
    end function
    type(c_ptr) function error_message() bind(C, name="ritz_error_message")
      import
    end function
    integer(c_size_t) function c_strlen(text) bind(C, name="strlen")
      import
      type(c_ptr), value :: text
    end function
  end interface

contains

  ! The sentence of the last failure in this thread.
  function ritz_message() result(text)
    character(len=:), allocatable :: text
    character(kind=c_char), pointer :: letter(:)
    type(c_ptr) :: message
    integer :: i
    message = error_message()
    call c_f_pointer(message, letter, [c_strlen(message)])
    allocate (character(len=size(letter)) :: text)
    do i = 1, size(letter)
      text(i:i) = letter(i)
    end do
  end function ritz_message

  ! Loads the model in a file and plans it for a grid and a number of fields (1 if it is not given),
  ! to run on so many threads (1), forward alone or also backward (.false.).
  integer function predictor_load(self, file, grid, batch, threads, backward) result(status)
    class(ritz_predictor), intent(inout) :: self
    character(len=*), intent(in) :: file
    integer, intent(in) :: grid(:)
    integer, intent(in), optional :: batch, threads
    logical, intent(in), optional :: backward
    type(context_options) :: options
    integer(ritz_index) :: n(size(grid)), fields
    call self%close()
    fields = 1
    if (present(batch)) fields = batch
    n = grid
    call context_options_defaults(options)
    if (present(threads)) options%threads = int(threads, c_int)
    status = context_create(options, self%context)
    if (status == ritz_ok) status = model_load(self%context, trim(file)//c_null_char, self%model)
    if (status == ritz_ok) status = &
      predictor_create(self%model, int(size(grid), c_int), n, fields, self%handle)
    if (status == ritz_ok .and. present(backward)) then
      if (backward) status = predictor_plan_vjp(self%handle)
    end if
    if (status == ritz_ok) call set_strides(self, n)
    if (status /= ritz_ok) call self%close()
  end function predictor_load

  ! Of batch, each grid axis and channels, as ritz/predictor.h has them.
  subroutine set_strides(self, n)
    type(ritz_predictor), intent(inout) :: self
    integer(ritz_index), intent(in) :: n(:)
    type(model_info), pointer :: info
    integer(ritz_index) :: points
    integer :: a, d
    call c_f_pointer(model_get_info(self%model), info)
    d = size(n)
    points = 1
    do a = 1, d
      self%x_stride(a + 1) = points
      points = points * n(a)
    end do
    self%x_stride(d + 2) = points
    self%y_stride = self%x_stride
    self%x_stride(1) = points * info%channels_in
    self%y_stride(1) = points * info%channels_out
  end subroutine set_strides

  integer function predictor_run_f64(self, x, y) result(status)
    class(ritz_predictor), intent(inout) :: self
    real(c_double), intent(in) :: x(*)
    real(c_double), intent(inout) :: y(*)
    status = run_strided_f64(self%handle, x, self%x_stride, y, self%y_stride)
  end function predictor_run_f64

  integer function predictor_run_f32(self, x, y) result(status)
    class(ritz_predictor), intent(inout) :: self
    real(c_float), intent(in) :: x(*)
    real(c_float), intent(inout) :: y(*)
    status = run_strided_f32(self%handle, x, self%x_stride, y, self%y_stride)
  end function predictor_run_f32

  integer function predictor_vjp_f64(self, v, g) result(status)
    class(ritz_predictor), intent(inout) :: self
    real(c_double), intent(in) :: v(*)
    real(c_double), intent(inout) :: g(*)
    status = vjp_strided_f64(self%handle, v, self%y_stride, g, self%x_stride)
  end function predictor_vjp_f64

  integer function predictor_vjp_f32(self, v, g) result(status)
    class(ritz_predictor), intent(inout) :: self
    real(c_float), intent(in) :: v(*)
    real(c_float), intent(inout) :: g(*)
    status = vjp_strided_f32(self%handle, v, self%y_stride, g, self%x_stride)
  end function predictor_vjp_f32

  ! Releases everything; also done when the variable goes away.
  subroutine predictor_close(self)
    class(ritz_predictor), intent(inout) :: self
    if (c_associated(self%handle)) call predictor_destroy(self%handle)
    if (c_associated(self%model)) call model_destroy(self%model)
    if (c_associated(self%context)) call context_destroy(self%context)
    self%handle = c_null_ptr
    self%model = c_null_ptr
    self%context = c_null_ptr
  end subroutine predictor_close

  subroutine predictor_final(self)
    type(ritz_predictor), intent(inout) :: self
    call self%close()
  end subroutine predictor_final
end module ritz
