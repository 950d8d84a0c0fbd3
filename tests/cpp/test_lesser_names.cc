// SPDX-License-Identifier: Apache-2.0
//
// Names that no other test has a reason to use, but code of users and generated code has: that they
// are there and do what they say.
#include <gtest/gtest.h>
#include <tvm/ffi/big_int.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/extra/dtype.h>
#include <tvm/ffi/extra/structural_mutate.h>
#include <tvm/ffi/tvm_ffi.h>

#include <array>
#include <cstdint>
#include <iterator>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "number_object.h"

namespace lesser_names_test {

using namespace tvm::ffi;
using number::Int;
using number::IntObj;

// ---- Macros ------------------------------------------------------------------------------------

TVM_FFI_NO_INLINE TVM_FFI_COLD_CODE int Sign(int value) {
  if (TVM_FFI_PREDICT_FALSE(value < 0)) return -1;
  if (value >= 0) return 1;
  TVM_FFI_UNREACHABLE();
}

struct Pair {
  int first = 1;
  std::string second;
  Pair() = default;
  TVM_FFI_DEFINE_DEFAULT_COPY_MOVE_AND_ASSIGN(Pair);
};

TEST(LesserNames, Macros) {
  int TVM_FFI_STR_CONCAT(ab, cd) = Sign(-3);
  EXPECT_EQ(abcd, -1);
  EXPECT_NE(std::string(TVM_FFI_FUNC_SIG).find("TestBody"), std::string::npos);
  static_assert(std::is_nothrow_move_constructible_v<Pair> && std::is_copy_assignable_v<Pair>);
  TVMFFIAny cell{};
  cell.v_int64 = 5;
  TVM_FFI_CLEAR_PTR_PADDING_IN_FFI_ANY(&cell);
  EXPECT_EQ(cell.v_int64, sizeof(void*) == 8 ? 5 : 0);
  DLDevice device = TVMFFIDLDeviceFromIntPair(kDLCUDA, 3);
  EXPECT_EQ(device.device_type, kDLCUDA);
  EXPECT_EQ(device.device_id, 3);
}

// ---- Objects and values ------------------------------------------------------------------------

// Its elements follow it.
class BlockObj : public Object {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.lesser_names.Block", BlockObj, Object);
};

TEST(LesserNames, Objects) {
  static_assert(!Object::_type_s_eq_hash_subclass_kind_fixed);
  EXPECT_TRUE(detail::IsObjectInstance<IntObj>(IntObj::RuntimeTypeIndex()));
  EXPECT_FALSE(detail::IsObjectInstance<IntObj>(kTVMFFIArray));
  detail::SimpleObjAllocator allocator;
  EXPECT_EQ(allocator.make_object<IntObj>(4)->value, 4);
  EXPECT_TRUE((allocator.make_inplace_array<BlockObj, int64_t>(3)).unique());
  static_assert(detail::kCombinedRefCountBothOne ==
                (detail::kCombinedRefCountWeakOne | detail::kCombinedRefCountStrongOne));
  static_assert(detail::kCombinedRefCountMaskUInt32 == 0xFFFFFFFF);
}

TEST(LesserNames, Values) {
  TVMFFIAny cell{};
  cell.type_index = kTVMFFIRawStr;
  cell.v_c_str = "a text that is long enough";
  detail::InplaceConvertAnyViewToAny(&cell);
  EXPECT_EQ(cell.type_index, kTVMFFIStr);
  EXPECT_EQ(detail::AnyUnsafe::MoveTVMFFIAnyToAny(&cell).cast<String>().size(), 26U);
  EXPECT_EQ(ToStringView(TVMFFIByteArray{"abc", 2}), "ab");
  static_assert(std::is_base_of_v<detail::BytesObjBase, detail::StringObj>);
  static_assert(is_optional_type_v<Optional<int>> && !is_optional_type_v<int>);
  static_assert(use_object_ref_optional_v<Int> && !use_object_ref_optional_v<Optional<Int>>);
  static_assert(is_object_ptr_type_v<ObjectPtr<IntObj>> && is_arc_type_v<Arc<IntObj>>);
  static_assert(use_object_ptr_optional_v<Arc<IntObj>> && !use_object_ptr_optional_v<Int>);
  EXPECT_EQ(detail::TryStringViewToDLDevice("cuda:2")->device_id, 2);
  EXPECT_FALSE(detail::TryStringViewToDLDevice("nothing").has_value());
  EXPECT_STREQ(detail::DLDataTypeCodeAsCStr(static_cast<DLDataTypeCode>(kDLFloat)), "float");
  EXPECT_STREQ(detail::DLDataTypeCodeAsCStr(kDLExtCustomBegin), "custom");
  static_assert(detail::dtypes::integer_trait<uint16_t>::value.code == kDLUInt);
  static_assert(detail::dtypes::float_trait<float>::value.bits == 32);
}

TEST(LesserNames, BigIntegers) {
  using detail::BigIntUnsafe;
  using namespace detail::int_ops;
  const BigInt seven = 7, two = 2;
  EXPECT_TRUE(BigIntUnsafe::CheckInt64(seven));
  EXPECT_EQ(BigIntUnsafe::GetInt64(seven), 7);
  const BigInt::ArrayView a = BigIntUnsafe::GetArrayView(seven);
  const BigInt::ArrayView b = BigIntUnsafe::GetArrayView(two);
  EXPECT_EQ(AddFallback(a, b), 9);
  EXPECT_EQ(SubFallback(a, b), 5);
  EXPECT_EQ(MulFallback(a, b), 14);
  EXPECT_EQ(NegateFallback(a), -7);
  EXPECT_EQ(AndFallback(a, b), 2);
  EXPECT_EQ(OrFallback(a, b), 7);
  EXPECT_EQ(XorFallback(a, b), 5);
  EXPECT_EQ(ComplementFallback(a), -8);
  EXPECT_EQ(LeftShiftFallback(a, b), 28);
  EXPECT_EQ(RightShiftFallback(a, b), 1);
  EXPECT_EQ(TruncDivFallback(a, b), 3);
  EXPECT_EQ(TruncModFallback(a, b), 1);
  EXPECT_EQ(FloorDivFallback(a, b), 3);
  EXPECT_EQ(FloorModFallback(a, b), 1);
  EXPECT_EQ(DivRemFallback(a, int64_t{2}).first, 3);
  EXPECT_EQ(MinFallback(a, b), 2);
  EXPECT_EQ(MaxFallback(a, b), 7);
  EXPECT_FALSE(EqualFallback(a, b));
  EXPECT_EQ(CompareFallback(a, b), 1);
  EXPECT_EQ(FromDoubleFallback(1e3), 1000);
  EXPECT_EQ(ToDoubleFallback(a), 7.0);
  EXPECT_EQ(ToStringFallback(a), "7");
  EXPECT_EQ(*ShiftCount(b), 2U);
  EXPECT_EQ(AbsWord(-3), 3U);
  EXPECT_EQ(FirstNonzero(a), 0U);
  EXPECT_EQ(BitcastToInt64(~uint64_t{0}), -1);
  std::array<int64_t, 2> words = {1, 0};
  NegateInplace(words.data(), words.size());
  EXPECT_EQ(words, (std::array<int64_t, 2>{-1, -1}));
}

// ---- Containers --------------------------------------------------------------------------------

TEST(LesserNames, Containers) {
  List<int64_t> list{1, 2, 3};
  list.GetListObj()->SetItemAfterCheck(1, 5);
  EXPECT_EQ(list[1], 5);
  List<int64_t>::reverse_iterator last = list.rbegin();
  EXPECT_EQ(*last, 3);
  const std::vector<int64_t> numbers = {4, 5};
  ObjectPtr<ArrayObj> array = ArrayObj::CreateRepeated(2, Any());
  array->InitRange(0, numbers.begin(), numbers.end());
  EXPECT_EQ(array->at(1).cast<int>(), 5);
  static_assert(std::is_same_v<Map<String, int>::key_type, String>);
  static_assert(std::is_same_v<Dict<String, int>::mapped_type, int>);
  static_assert(std::is_base_of_v<MapBaseObj, DictObj> && std::is_base_of_v<MapBaseObj, MapObj>);
  static_assert(std::is_base_of_v<SeqBaseObj, ListObj>);
  EXPECT_EQ((std::tuple_size_v<Tuple<int, String>>), 2U);
  static_assert(std::is_same_v<std::tuple_element_t<1, Tuple<int, String>>, String>);
}

TEST(LesserNames, Shapes) {
  int64_t* data = nullptr;
  ObjectPtr<ShapeObj> shape = detail::MakeEmptyShape(2, &data);
  data[0] = 3;
  data[1] = 4;
  static_assert(std::is_same_v<ShapeObj::index_type, int64_t>);
  EXPECT_EQ(shape->Product(), 12);
  EXPECT_EQ(detail::MakeInplaceShape(data, data + 2)->size, 2U);
  const ShapeView view(shape->data, shape->size);
  int64_t strides[2];
  detail::FillStridesFromShape(view, strides);
  EXPECT_EQ(strides[0], 4);
  EXPECT_EQ(detail::MakeStridesFromShape(view)->data[1], 1);
}

// ---- Reflection --------------------------------------------------------------------------------

TEST(LesserNames, Reflection) {
  using namespace tvm::ffi::reflection;
  EXPECT_EQ(reflection::detail::FFIConvertFromAnyViewToObjectRef<Int>(Int(3))->value, 3);
  static_assert(std::is_base_of_v<InfoTrait, DefaultValue>);
  static_assert(std::is_base_of_v<InfoTrait, DefaultFactory>);
  static_assert(std::is_base_of_v<InfoTrait, Metadata>);
  static_assert(std::is_base_of_v<ReflectionDefBase, TypeAttrDef<IntObj>>);
}

// ---- Visits and mutations ----------------------------------------------------------------------

TEST(LesserNames, Visits) {
  EXPECT_FALSE(detail::StructuralVisitNeedEarlyReturn(Optional<VisitInterrupt>()));
  EXPECT_TRUE(detail::StructuralVisitNeedEarlyReturn(Optional<VisitInterrupt>(VisitInterrupt(1))));
  EXPECT_TRUE(detail::StructuralVisitNeedEarlyReturn(Expected<int>(Error("ValueError", "m", ""))));
  EXPECT_FALSE(detail::StructuralVisitRawNeedEarlyReturn(AnyView().CopyToTVMFFIAny()));
  EXPECT_TRUE(detail::StructuralVisitRawNeedEarlyReturn(AnyView(1).CopyToTVMFFIAny()));
  const Int node(1);
  Error error("ValueError", "m", "");
  detail::AttachStructuralVisitErrorContextRaw(AnyView(error).CopyToTVMFFIAny(), node);
  Optional<VisitErrorContext> context = VisitErrorContext::TryGetFromError(error);
  ASSERT_TRUE(context.has_value());
  EXPECT_TRUE((*context)->reverse_visit_pattern[0].same_as(node));
  EXPECT_TRUE(detail::MakeVisitErrorContext(node)->reverse_visit_pattern[0].same_as(node));
  static_assert(std::is_same_v<StructuralVisitorObj::VisitorObjType, StructuralVisitorObj>);
  static_assert(std::is_same_v<StructuralVisitorObj::StateTupleType, std::tuple<>>);
}

TVMFFIAny KeepAsIs(StructuralMutatorObj*, AnyView) noexcept {
  return Unchanged().CopyToTVMFFIAny();
}

TEST(LesserNames, Mutations) {
  using detail::UnchangedOrUnsafe;
  const TVMFFIAny cell = UnchangedOrUnsafe::MoveToTVMFFIAny(UnchangedOr<int>(7));
  EXPECT_EQ(UnchangedOrUnsafe::MoveFromTVMFFIAny<int>(cell).ValueUnchecked(), 7);
  FStructuralMutateABI keep = &KeepAsIs;
  FStructuralVarRemapGet get = &KeepAsIs;
  FStructuralVarRemapSet set = [](StructuralMutatorObj*, AnyView, AnyView) noexcept {
    return AnyView().CopyToTVMFFIAny();
  };
  const StructuralMutatorVTable table{keep, keep, get, set};
  EXPECT_EQ(table.mutate, table.maybe_inplace_mutate);
  EXPECT_EQ(table.var_remap_get(nullptr, 1).type_index, kTVMFFIUnchanged);
  EXPECT_EQ(table.var_remap_set(nullptr, 1, 2).type_index, kTVMFFINone);
  static_assert(std::is_same_v<StructuralMutatorObj::MutatorObjType, StructuralMutatorObj>);
  using Engine = StructuralMapDynEngine<StructuralMapEngineBase, WalkOrder::kPostOrder>;
  const Array<Tuple<int32_t, Function>> callbacks{Tuple<int32_t, Function>(
      int32_t{kTVMFFIInt}, Function::FromTyped([](int64_t value) { return value + 1; }))};
  StructuralMutator mutator(make_object<Engine>(callbacks, Array<Tuple<int32_t, Function>>()));
  EXPECT_EQ(mutator->Mutate(1).ValueOrUnchanged(nullptr).cast<int>(), 2);
}

}  // namespace lesser_names_test
