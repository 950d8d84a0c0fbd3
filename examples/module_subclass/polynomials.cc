// SPDX-License-Identifier: Apache-2.0
//
// Modules of kind "poly". A line `name: c0 c1 c2` of the file defines the function
// name(x) = c0 + c1 x + c2 x^2.
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/extra/module.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace example {

namespace ffi = tvm::ffi;

class PolynomialModuleObj : public ffi::ModuleObj {
 public:
  PolynomialModuleObj(std::string source, ffi::Map<ffi::String, ffi::Function> functions)
      : source_(std::move(source)), functions_(std::move(functions)) {}

  const char* kind() const final { return "poly"; }

  int GetPropertyMask() const final { return ffi::Module::kRunnable; }

  ffi::Optional<ffi::Function> GetFunction(const ffi::String& name) final {
    if (functions_.count(name) == 0) return std::nullopt;
    return functions_.at(name);
  }

  ffi::Optional<ffi::String> GetFunctionDoc(const ffi::String& name) final {
    if (functions_.count(name) == 0) return std::nullopt;
    return ffi::String("A polynomial of one float.");
  }

  ffi::String InspectSource(const ffi::String&) const final { return source_; }

 private:
  std::string source_;
  ffi::Map<ffi::String, ffi::Function> functions_;
};

ffi::Function Polynomial(std::vector<double> coefficients) {
  return ffi::Function::FromTyped([coefficients = std::move(coefficients)](double x) {
    double value = 0;
    for (size_t i = coefficients.size(); i-- > 0;) value = value * x + coefficients[i];
    return value;
  });
}

ffi::Module Load(const ffi::String& path, const ffi::String&) {
  std::ifstream file(path.c_str());
  if (!file) TVM_FFI_THROW(RuntimeError) << "Cannot read the polynomials in " << path;
  std::string source, line;
  ffi::Map<ffi::String, ffi::Function> functions;
  for (int number = 1; std::getline(file, line); ++number) {
    source += line + "\n";
    const size_t colon = line.find(':');
    if (colon == std::string::npos) {
      TVM_FFI_THROW(ValueError) << path << ":" << number << ": expected `name: numbers`, found `"
                                << line << "`";
    }
    std::istringstream numbers(line.substr(colon + 1));
    std::vector<double> coefficients;
    for (double value; numbers >> value;) coefficients.push_back(value);
    functions.Set(line.substr(0, colon), Polynomial(std::move(coefficients)));
  }
  return ffi::Module(ffi::make_object<PolynomialModuleObj>(source, functions));
}

TVM_FFI_STATIC_INIT_BLOCK() {
  tvm::ffi::reflection::GlobalDef().def("ffi.Module.load_from_file.poly", Load);
}

}  // namespace example
