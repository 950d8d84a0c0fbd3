// SPDX-License-Identifier: Apache-2.0
//
// The mean of the last few values: of a whole vector at once, and of values that come one by one.
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include <cstdint>
#include <deque>

namespace running_mean {

namespace ffi = tvm::ffi;

class RunningMeanObj : public ffi::Object {
 public:
  int64_t window;

  explicit RunningMeanObj(int64_t window) : window(window) {
    if (window < 1) {
      TVM_FFI_THROW(ValueError) << "Expected a window of at least one value, got " << window;
    }
  }

  // Takes one more value and returns the mean of those in the window.
  double Add(double value) {
    values_.push_back(value);
    sum_ += value;
    if (static_cast<int64_t>(values_.size()) > window) {
      sum_ -= values_.front();
      values_.pop_front();
    }
    return sum_ / static_cast<double>(values_.size());
  }

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("running_mean.RunningMean", RunningMeanObj, ffi::Object);

 private:
  std::deque<double> values_;
  double sum_ = 0;
};

// Writes the running means of x into y. Both are float64 vectors of one length on the CPU.
void Smooth(ffi::TensorView x, int64_t window, ffi::TensorView y) {
  for (const ffi::TensorView& tensor : {x, y}) {
    const DLDataType float64{kDLFloat, 64, 1};
    if (tensor.dtype() != float64) TVM_FFI_THROW(TypeError) << "values must be float64";
    if (tensor.ndim() != 1 || !tensor.IsContiguous()) {
      TVM_FFI_THROW(ValueError) << "values must be a contiguous vector";
    }
  }
  TVM_FFI_CHECK_EQ(x.size(0), y.size(0), ValueError) << "x and y must have the same length";
  RunningMeanObj mean(window);
  const double* from = static_cast<const double*>(x.data_ptr());
  double* to = static_cast<double*>(y.data_ptr());
  for (int64_t i = 0; i < x.size(0); ++i) to[i] = mean.Add(from[i]);
}

TVM_FFI_STATIC_INIT_BLOCK() {
  namespace refl = tvm::ffi::reflection;
  refl::ObjectDef<RunningMeanObj>()
      .def(refl::init<int64_t>())
      .def_ro("window", &RunningMeanObj::window)
      .def("add", &RunningMeanObj::Add);
}

TVM_FFI_DLL_EXPORT_TYPED_FUNC(smooth, Smooth);

}  // namespace running_mean
